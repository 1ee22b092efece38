import xxhash from "xxhash-wasm";
import { HASHES } from "../../core/hash.js";
import type { Versioned } from "../../core/store.js";
import { type Epoch, type OpId, opIdOf, splitOpId } from "../../protocol/ids.js";

/**
 * A value as the store keeps it: format version, u8; checksum, u64; epoch, u64; seq, u64; then the value's UTF-8. Numbers are
 * big-endian.
 *
 * The checksum, xxHash64 with the key's own hash as its seed, covers the key and all that follows. LevelDB has checksums of its
 * own and does not look at them when it reads, so a bit that a disk has turned would be served as it is.
 */
const HEADER_BYTES = 25;
const CHECKED_FROM = 9;
const FORMAT_VERSION = 2;

const hashes = await xxhash();

export function encodeValue(key: string, { value, opId }: Versioned): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(value));
  const { epoch, seq } = splitOpId(opId);
  bytes.writeUInt8(FORMAT_VERSION, 0);
  bytes.writeBigUInt64BE(BigInt(epoch), CHECKED_FROM);
  bytes.writeBigUInt64BE(BigInt(seq), CHECKED_FROM + 8);
  bytes.write(value, HEADER_BYTES, "utf8");
  bytes.writeBigUInt64BE(checksumOf(key, bytes), 1);
  return bytes;
}

/** Undefined when the bytes are not what was written for this key. */
export function decodeValue(key: string, bytes: Uint8Array): Versioned | undefined {
  if (bytes.length < HEADER_BYTES || bytes[0] !== FORMAT_VERSION) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.readBigUInt64BE(1) !== checksumOf(key, buffer)) return undefined;
  return { value: buffer.toString("utf8", HEADER_BYTES), opId: versionOf(buffer) };
}

function versionOf(buffer: Buffer): OpId {
  const epoch = buffer.readBigUInt64BE(CHECKED_FROM).toString() as Epoch;
  return opIdOf(epoch, Number(buffer.readBigUInt64BE(CHECKED_FROM + 8)));
}

function checksumOf(key: string, buffer: Buffer): bigint {
  return hashes.h64Raw(buffer.subarray(CHECKED_FROM), HASHES.xxh64(key));
}
