/** Which address a session's video is known by: an address of others, or that of our copy. */
export type Hosting = { uri: string } | { host: string }

type Decision = {
  videoUri: string
  /** It was made into another file: converted, cut, or put together from pieces. */
  isChanged: boolean
  /** Whether an https address answers. */
  exists: (uri: string) => Promise<boolean>
}

/** Where the video is shown from. Only https addresses are left to others; `host` says why the copy is used. */
export async function decideHost ({ videoUri, isChanged, exists }: Decision): Promise<Hosting> {
  if (isChanged) return { host: 'it is not the file at its address' }
  if (!/^https?:\/\//i.test(videoUri)) return { host: 'it is a local file' }
  const secure = videoUri.replace(/^http:/i, 'https:')
  if (await exists(secure)) return { uri: secure }
  const withWww = secure.replace(/^(https:\/\/)(?!www\.)/i, '$1www.')
  if (withWww !== secure && await exists(withWww)) return { uri: withWww }
  return { host: 'its address does not answer by https' }
}
