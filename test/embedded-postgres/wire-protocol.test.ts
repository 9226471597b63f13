// The messages of the wire protocol of Postgres, cut from bytes.
import { describe, expect, it } from 'vitest'
import {
  type Frame,
  FrameReader,
  fatalMessage,
  queryMessage,
  readyStatus,
  startupMessage,
  syncMessage,
  withoutReady,
} from '../../lib/embedded-postgres/wire-protocol.js'

function read(bytes: Uint8Array, chunkSize = bytes.length): Frame[] {
  const reader = new FrameReader()
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; at += chunkSize) {
    frames.push(...reader.push(Buffer.from(bytes.subarray(at, at + chunkSize))))
    if (frames.some((frame) => frame.kind === 'end' || frame.kind === 'violation')) break
  }
  return frames
}

const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
const terminate = Buffer.from([0x58, 0, 0, 0, 4])
const ready = (status: string) => Buffer.from([0x5a, 0, 0, 0, 5, status.charCodeAt(0)])

describe('frames of the wire protocol', () => {
  const conversation = Buffer.concat([
    sslRequest,
    startupMessage(),
    queryMessage(`select '${'é'.repeat(500)}'`),
    syncMessage(),
    terminate,
  ])

  it.each([1, 3, 7, 64, 1_000, 100_000])('are the same however they arrive, here in chunks of %i bytes', (size) => {
    const frames = read(conversation, size)
    expect(frames.map((frame) => frame.kind)).toEqual(['encryption', 'startup', 'message', 'message', 'end'])
    expect(frames[2]).toMatchObject({ ends: true, bytes: Buffer.from(queryMessage(`select '${'é'.repeat(500)}'`)) })
  })

  it('leave out copy data that was not asked for', () => {
    const copyDone = Buffer.from([0x63, 0, 0, 0, 4])
    const frames = read(Buffer.concat([startupMessage(), copyDone, syncMessage()]))
    expect(frames.map((frame) => frame.kind)).toEqual(['startup', 'message'])
  })

  it.each([
    ['a length that is too small', Buffer.from([0x51, 0, 0, 0, 2])],
    ['a negative length', Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff])],
    ['a length that is too large', Buffer.from([0x51, 0x7f, 0xff, 0xff, 0xff])],
    ['an unknown type', Buffer.from([0x59, 0, 0, 0, 4])],
    ['a zero byte', Buffer.from([0, 0, 0, 0, 4])],
  ])('end with a violation at %s', (_, bytes) => {
    expect(read(Buffer.concat([startupMessage(), bytes])).at(-1)?.kind).toBe('violation')
  })

  it('end with a violation at a startup that is no startup', () => {
    expect(read(Buffer.from('GET / HTTP/1.1\r\n\r\n')).at(-1)?.kind).toBe('violation')
  })

  it('end at a cancel request', () => {
    expect(read(Buffer.from([0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 2])).at(-1)?.kind).toBe('end')
  })
})

describe('answers of the wire protocol', () => {
  it.each(['I', 'T', 'E'])('tell the transaction status %s by their end', (status) => {
    expect(readyStatus(Buffer.concat([fatalMessage('XX000', 'x'), ready(status)]))).toBe(status)
  })

  it('without ReadyForQuery have no status and stay whole', () => {
    const error = fatalMessage('XX000', 'x')
    expect(readyStatus(error)).toBe(null)
    expect(readyStatus(Buffer.alloc(0))).toBe(null)
    expect(withoutReady(error)).toEqual(error)
  })

  it('lose a ReadyForQuery that comes too early', () => {
    const error = fatalMessage('XX000', 'x')
    expect(withoutReady(Buffer.concat([error, ready('E')]))).toEqual(error)
  })
})
