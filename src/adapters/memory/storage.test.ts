import { describe, expect, it } from 'vitest'
import { STORAGE_CONTRACT } from '../storage.contract'
import { MemoryDisk, MemoryStorage } from './storage'
import { stateOf } from '../stored.fixtures'

describe('the memory storage keeps the contract', () => {
  it.each(STORAGE_CONTRACT)('$name', ({ run }) => {
    const disk = new MemoryDisk()
    return run({ open: () => Promise.resolve(new MemoryStorage(disk)) })
  })
})

describe('the memory disk', () => {
  const record = Uint8Array.of(1)

  it('fails once when told, and nothing has changed', async () => {
    const disk = new MemoryDisk()
    const storage = new MemoryStorage(disk)
    disk.failNext()
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'full' })
    expect(await storage.lastNumber()).toBe(0)
    await storage.append(1, [record], 'strict')
    expect(await storage.lastNumber()).toBe(1)
  })

  it('makes a commit and tells nothing of it', async () => {
    const disk = new MemoryDisk()
    const storage = new MemoryStorage(disk)
    disk.failNextAfterCommit()
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'closed' })
    expect(await storage.lastNumber()).toBe(1)
  })

  it('fails every call until it heals', async () => {
    const disk = new MemoryDisk()
    const storage = new MemoryStorage(disk)
    disk.failAll('closed')
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'closed' })
    await expect(storage.lastNumber()).rejects.toMatchObject({ reason: 'closed' })
    disk.heal()
    await storage.append(1, [record], 'strict')
  })

  it('loses in a crash what was relaxed after the last strict commit, and nothing else', async () => {
    const disk = new MemoryDisk()
    const storage = new MemoryStorage(disk)
    await storage.append(1, [record], 'relaxed')
    await storage.append(2, [record], 'strict')
    await storage.append(3, [record, record], 'relaxed')
    disk.crash()
    await expect(stateOf(storage)).rejects.toMatchObject({ reason: 'fenced' })
    expect(await new MemoryStorage(disk).lastNumber()).toBe(2)
  })

  it('refuses a gap', async () => {
    const storage = new MemoryStorage(new MemoryDisk())
    await expect(storage.append(2, [record], 'strict')).rejects.toThrow('record 2 does not follow 0')
  })
})
