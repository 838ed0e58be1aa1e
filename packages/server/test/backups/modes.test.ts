import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openBackedUp } from './support.ts'

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe.skipIf(process.platform === 'win32')('a start, of the folder of backups', () => {
  test('takes from others what they could read there, and leaves alone what is none of it (DAT-1)', async () => {
    await using made = await openBackedUp()
    const stranger = join(made.folder, 'list.txt')
    await made.backUp()
    const own = (await readdir(made.folder)).map((name) => join(made.folder, name))
    expect(own).toHaveLength(4)
    await writeFile(stranger, 'of somebody else')
    await chmod(made.folder, 0o755)
    for (const path of [...own, stranger]) await chmod(path, 0o644)
    await made.server.sallyport.close()
    await made.server.restart()
    expect(await modeOf(made.folder)).toBe('700')
    expect(await Promise.all(own.map(modeOf))).toEqual(own.map(() => '600'))
    expect(await modeOf(stranger)).toBe('644')
  }, 60_000)

  test('changes nothing where no backup lies', async () => {
    await using made = await openBackedUp()
    await made.server.sallyport.close()
    await mkdir(made.folder, { recursive: true })
    await writeFile(join(made.folder, 'store.json'), '{}')
    await chmod(made.folder, 0o755)
    await made.server.restart()
    expect(await modeOf(made.folder)).toBe('755')
  }, 60_000)
})
