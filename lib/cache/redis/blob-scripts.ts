// The scripts for blobs and pointers, which Redis runs as one step each.
import { nowLua, seenLua } from './directory.js'

/** A pointer has about 240 bytes; more bytes than this are never fetched. */
const largestPointer = 512

/** The pointer as it is compared: cut, and empty for a missing key or a key of another type. */
const pointerLua = `
  local function pointer(key)
    if redis.call('type', key).ok ~= 'string' then return '' end
    return redis.call('getrange', key, 0, ${largestPointer})
  end
`

/**
 * `newest(start, largest)`: the pointer of the database whose keys begin with `start`, and whether its blob exists (empty) or,
 * if asked for, the blob itself. The blob's key is not in the script's list of keys.
 */
const newestFunctionLua = `${pointerLua}
  local function newest(start, largest)
    local holds = redis.call('type', start .. 'pointer').ok
    if holds ~= 'string' and holds ~= 'none' then return {} end
    local text = pointer(start .. 'pointer')
    local version, nonce, digest = string.match(text, '^[%x.]+\\n(%d+):([%w-]+):[%w-]+:(%x+)$')
    if not version then return { text } end
    local blob = start .. 'blob:' .. version .. ':' .. nonce .. ':' .. digest
    local kind = redis.call('type', blob).ok
    if kind == 'none' then return { text } end
    if kind ~= 'string' or largest == '0' then return { text, '' } end
    return { text, redis.call('getrange', blob, 0, largest) }
  end
`

export const newestLua = `${newestFunctionLua}
  return newest(ARGV[1], ARGV[2])
`

/** The directory's entries, and if all of them name one database, that database and its newest blob. */
export const findLua = `${nowLua}${seenLua}${newestFunctionLua}
  local entries = seen(KEYS[1])
  local one = nil
  for _, entry in ipairs(entries) do
    local identity = string.match(entry, '^([%w-]+)$') or string.match(entry, '^([%w-]+) [%x.]+$')
    if identity and #identity <= 64 then
      if one and one ~= identity then return { entries } end
      one = identity
    end
  end
  if not one then return { entries } end
  return { entries, one, newest(ARGV[1] .. one .. ':', ARGV[2]) }
`

/** A claim without an end, or with an end too far away, was not made by this package. */
export const claimLua = `${pointerLua}
  if pointer(KEYS[1]) ~= ARGV[1] then return 0 end
  local left = redis.call('pttl', KEYS[2])
  if left >= 0 and left <= tonumber(ARGV[4]) then return 0 end
  redis.call('set', KEYS[2], ARGV[3], 'px', ARGV[2])
  return 1
`

/** Blob and pointer change together: a pointer never names a blob that was not written. */
export const moveLua = `${pointerLua}
  if pointer(KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[2], ARGV[3])
  redis.call('set', KEYS[1], ARGV[2])
  if KEYS[3] ~= KEYS[2] then redis.call('pexpire', KEYS[3], ARGV[4]) end
  local left = redis.call('pttl', KEYS[4])
  if left < tonumber(ARGV[5]) then redis.call('set', KEYS[4], ARGV[6], 'px', ARGV[5]) end
  return 1
`
