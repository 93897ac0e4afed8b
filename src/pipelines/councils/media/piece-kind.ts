/**
 * What a piece of a stream is, by its first bytes: MPEG-TS, boxes of mp4, or packed sound;
 * undefined where it is no media.
 */
export type PieceKind = 'ts' | 'mp4' | 'aac'

const BOXES = new Set(['ftyp', 'styp', 'moof', 'moov', 'sidx', 'emsg', 'prft', 'mdat', 'free', 'skip', 'uuid'])
const TS_PACKET = 188

export function kindOfPiece (head: Uint8Array): PieceKind | undefined {
  if (head[0] === 0x47 && (head.length <= TS_PACKET || head[TS_PACKET] === 0x47)) return 'ts'
  if (BOXES.has(Buffer.from(head.subarray(4, 8)).toString('latin1'))) return 'mp4'
  const isTagged = Buffer.from(head.subarray(0, 3)).toString('latin1') === 'ID3'
  const isFrame = head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0
  const isAc3 = head[0] === 0x0b && head[1] === 0x77
  return isTagged || isFrame || isAc3 ? 'aac' : undefined
}
