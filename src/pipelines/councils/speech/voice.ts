import { FRAME_SECONDS, type Span, type Wav } from './wav.ts'

/** A frame is quiet below the background of the audio and a little more, but not above or below what anybody hears. */
const [ABOVE_BACKGROUND_DB, LOUDEST_QUIET_DB, SOFTEST_QUIET_DB] = [6, -40, -60]
/** A quiet of so long is left out; what is heard keeps a little of it on both sides. */
const [LEFT_OUT_SECONDS, MARGIN_SECONDS] = [2, 0.5]
/** A quiet of so long is a place to cut at. */
const CUT_SECONDS = 0.4

/** What is to be heard in an audio, and where it may be cut. */
export type Voice = { spans: Span[], cuts: number[] }

/** Where something is to be heard, without the silences: what has none is sent to nobody. */
export async function findVoice (wav: Wav, signal: AbortSignal): Promise<Voice> {
  return voiceOf(await wav.loudness(signal), wav.seconds)
}

export function voiceOf (frames: Float32Array, seconds: number): Voice {
  const quiets = quietsOf(frames)
  const spans: Span[] = []
  let from = 0
  for (const { start, end } of [
    ...quiets.filter((one) => one.end - one.start >= LEFT_OUT_SECONDS),
    { start: seconds, end: seconds }
  ]) {
    const span = { start: Math.max(0, from - MARGIN_SECONDS), end: Math.min(seconds, start + MARGIN_SECONDS) }
    if (start > from) spans.push(span)
    from = end
  }
  return {
    spans,
    cuts: quiets.filter((one) => one.end - one.start >= CUT_SECONDS).map(({ start, end }) => (start + end) / 2)
  }
}

/** The runs of quiet frames. */
function quietsOf (frames: Float32Array): Span[] {
  const sorted = frames.slice().sort()
  const background = sorted[Math.floor(sorted.length / 10)] ?? 0
  const limit = Math.min(LOUDEST_QUIET_DB, Math.max(SOFTEST_QUIET_DB, background + ABOVE_BACKGROUND_DB))
  const quiets: Span[] = []
  let from = 0
  for (let at = 0; at <= frames.length; at++) {
    if (at < frames.length && (frames[at] ?? 0) < limit) continue
    if (at > from) quiets.push({ start: from * FRAME_SECONDS, end: at * FRAME_SECONDS })
    from = at + 1
  }
  return quiets
}
