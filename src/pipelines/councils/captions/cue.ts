/**
 * A piece of a caption file. Times in seconds; `text` as the file has it, with its tags and
 * entities, lines parted by `\n`.
 */
export type Cue = { id: string, startTime: number, endTime: number, text: string, align: string }

export const cue = (startTime: number, endTime: number, text: string, id = '', align = 'center'): Cue => ({
  id, startTime, endTime, text, align
})
