// Which bytes are a request that is read without a parser of HTTP.
import { describe, expect, it } from 'vitest'
import { simpleReport, simpleRequest } from '../../../lib/server/sdks/simple-request.js'

const line = 'GET /a/b HTTP/1.1\r\n'
const read = (text: string) => simpleRequest(Buffer.from(text, 'latin1'))

describe('a simple request', () => {
  it('has the headers that say something to a poll, in any case and without the blanks around them', () => {
    const text = `${line}Host: x\r\nUNLEASH-InstanceID:  a b \r\nAccept: */*\r\nif-none-match:"x"\r\nConnection: Keep-Alive\r\n\r\n`

    expect(read(text)).toEqual({ url: '/a/b', headers: { 'unleash-instanceid': 'a b', 'if-none-match': '"x"' } })
  })

  it.each([
    ['', 'no bytes'],
    [`${line}host: x\r\n`, 'a part of the head'],
    [`${line}host: x\r\n\r\n${line}host: x\r\n\r\n`, 'two requests'],
    [`${line}host: x\r\n\r\nbody`, 'more than the head'],
    [`\r\n${line}host: x\r\n\r\n`, 'a line before it'],
    ['POST /a HTTP/1.1\r\nhost: x\r\n\r\n', 'another method'],
    ['HEAD /a HTTP/1.1\r\nhost: x\r\n\r\n', 'another method'],
    ['GET /a HTTP/1.0\r\nhost: x\r\n\r\n', 'another version'],
    ['GET /a\r\nhost: x\r\n\r\n', 'no version'],
    ['GET http://x/a HTTP/1.1\r\nhost: x\r\n\r\n', 'another form of the address'],
    [`${line}\r\n`, 'no host'],
    [`${line}host: x\r\nHost: x\r\n\r\n`, 'two hosts'],
    [`${line}host: x\r\ncontent-length: 0\r\n\r\n`, 'a length'],
    [`${line}host: x\r\nTransfer-Encoding: chunked\r\n\r\n`, 'an encoding'],
    [`${line}host: x\r\nexpect: 100-continue\r\n\r\n`, 'an expectation'],
    [`${line}host: x\r\nupgrade: h2c\r\n\r\n`, 'an upgrade'],
    [`${line}host: x\r\nconnection: close\r\n\r\n`, 'the end of the connection'],
    [`${line}host: x\r\nconnection: keep-alive, te\r\n\r\n`, 'more than keep-alive'],
    [`${line}host: x\r\nconnection: keep-alive\r\nconnection: keep-alive\r\n\r\n`, 'two connections'],
    [`${line}host: x\r\nproxy-connection: close\r\n\r\n`, 'what Node takes for the same'],
    [`${line}host: x\r\nunleash-instanceid: a\r\nUnleash-InstanceId: b\r\n\r\n`, 'a header twice'],
    [`${line}host: x\r\nauthorization\r\n\r\n`, 'a line without a name'],
    [`${line}host: x\r\n: a\r\n\r\n`, 'an empty name'],
    [`${line}host: x\r\nauthorization : a\r\n\r\n`, 'a blank before the colon'],
    [`${line}host: x\r\nauthorization: a\r\n b\r\n\r\n`, 'a folded line'],
    [`${line}host: x\r\nx.y: a\r\n\r\n`, 'an unusual name'],
    [`${line}host: x\nauthorization: a\r\n\r\n`, 'a bare line feed'],
    [`${line}host: x\rauthorization: a\r\n\r\n`, 'a bare carriage return'],
    [`${line}host: x\r\nauthorization: a\tb\r\n\r\n`, 'a tab'],
    [`${line}host: x\r\nauthorization: \xe9\r\n\r\n`, 'a byte that is not ASCII'],
    [`${line}host: x\r\nauthorization: \0\r\n\r\n`, 'a zero byte'],
    [`${line}host: x\r\nx: ${'a'.repeat(5_000)}\r\n\r\n`, 'many bytes'],
  ])('is none in %j (%s)', (text) => {
    expect(read(text)).toBeNull()
  })

  it('may have many lines, within its bytes', () => {
    expect(read(`${line}host: x\r\n${'a:\r\n'.repeat(800)}\r\n`)).not.toBeNull()
    expect(read(`${line}host: x\r\n${'a:\r\n'.repeat(1_100)}\r\n`)).toBeNull()
  })
})

describe('a simple report', () => {
  const post = 'POST /a/b HTTP/1.1\r\nhost: x\r\n'
  const report = (text: string) => simpleReport(Buffer.from(text))

  it('has its body', () => {
    const text = `${post}unleash-instanceid: a\r\nContent-Length: 4\r\n\r\n{é}`
    expect(report(text)).toEqual({ url: '/a/b', headers: { 'unleash-instanceid': 'a' }, body: '{é}' })
    expect(report(`${post}content-length: 0\r\n\r\n`)).toEqual({ url: '/a/b', headers: {}, body: '' })
  })

  it.each([
    [`${post}\r\n`, 'no length'],
    [`${post}content-length: 2\r\n\r\n{`, 'a part of the body'],
    [`${post}content-length: 1\r\n\r\n{}`, 'more than the body'],
    [`${post}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`, 'two lengths'],
    [`${post}content-length: 2, 2\r\n\r\n{}`, 'a list of lengths'],
    [`${post}content-length: +2\r\n\r\n{}`, 'a sign'],
    [`${post}content-length: 0x2\r\n\r\n{}`, 'another base'],
    [`${post}content-length: 000002\r\n\r\n{}`, 'many digits'],
    [`${post}content-length:\r\n\r\n`, 'an empty length'],
    [`${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`, 'two lengths of two kinds'],
    [`${post}content-length: 2\r\ncontent-encoding: gzip\r\n\r\n{}`, 'a compressed body'],
    [`${post}content-length: 2\r\nexpect: 100-continue\r\n\r\n{}`, 'a body that waits'],
    [`PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`, 'another method'],
    [`${post}x: ${'a'.repeat(5_000)}\r\ncontent-length: 2\r\n\r\n{}`, 'a long head'],
    [`${post}content-length: 40000\r\n\r\n${' '.repeat(40_000)}`, 'a long body'],
  ])('is none in %j (%s)', (text) => {
    expect(report(text)).toBeNull()
  })
})
