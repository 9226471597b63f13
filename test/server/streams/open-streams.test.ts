// Responses that stay open: their comments, their bound on what is not read, and the connections that they leave to others.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { OpenStreams } from '../../../lib/server/streams/open-streams.js'
import { StreamPlaces } from '../../../lib/server/streams/places.js'

function respond() {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  const written: string[] = []
  const unread = { bytes: 0 }
  vi.spyOn(response, 'write').mockImplementation((bytes: unknown) => written.push(String(bytes)) > 0)
  vi.spyOn(response, 'writableLength', 'get').mockImplementation(() => unread.bytes)
  vi.spyOn(response, 'destroy').mockImplementation(() => {
    response.emit('close')
    return response
  })
  return { response, written, unread }
}

function makeStreams(places = new StreamPlaces(10_000)) {
  const streams = new OpenStreams(places)
  onTestFinished(() => streams.close())
  return streams
}

it('a stream whose client does not read is closed when 256 kB wait for it, and hears nothing more', () => {
  const streams = makeStreams()
  const { response, written, unread } = respond()
  const ended: boolean[] = []
  const stream = streams.open(response, (isGone) => ended.push(isGone))
  unread.bytes = 256 * 1024
  stream.write(Buffer.from('one'))
  expect([stream.isFull, streams.count]).toEqual([false, 1])
  unread.bytes += 1
  stream.write(Buffer.from('two'))
  stream.write(Buffer.from('three'))
  expect([stream.isFull, streams.count, ended, written]).toEqual([true, 0, [true], ['one', 'two']])
})

it('a stream gets a comment each 15 s, not all streams at once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const streams = makeStreams()
  const written = Array.from({ length: 30 }, () => {
    const made = respond()
    streams.open(made.response, () => {})
    return made.written
  })
  const counts = () => written.map((texts) => texts.filter((text) => text === ':\n\n').length)
  vi.advanceTimersByTime(1_000)
  expect(counts().reduce((sum, count) => sum + count, 0)).toBe(2)
  vi.advanceTimersByTime(14_000)
  expect(new Set(counts())).toEqual(new Set([1]))
})

it('streams of all kinds leave 500 connections to other requests, and half of them where there are few', () => {
  const places = new StreamPlaces(600)
  const [ofSdks, ofPages] = [makeStreams(places), makeStreams(places)]
  const opened = Array.from({ length: 300 }, (_, index) => {
    const { response } = respond()
    const streams = index % 2 === 0 ? ofSdks : ofPages
    expect(streams.hasPlace(1_000)).toBe(true)
    streams.open(response, () => {})
    return response
  })
  expect([ofSdks.hasPlace(1_000), ofPages.hasPlace(1_000)]).toEqual([false, false])
  opened[0]?.destroy()
  expect([ofSdks.hasPlace(1_000), ofPages.hasPlace(1_000)]).toEqual([true, true])
  expect(new StreamPlaces(25_000).isFree).toBe(true)
})
