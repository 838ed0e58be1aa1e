/** Gives the reader a file to keep, under this name. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own hold on the content once it has begun; a minute is enough for that.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
