import type { Versioned } from "../../core/store.js";
import { type Epoch, type OpId, opIdOf, splitOpId } from "../../protocol/ids.js";

/** Format version, u8; epoch, u64; seq, u64; then the value's UTF-8. Numbers are big-endian. */
const HEADER_BYTES = 17;
const FORMAT_VERSION = 1;

/** A value as the store keeps it: its version in a small header, then its text. */
export function encodeValue({ value, opId }: Versioned): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(value));
  const { epoch, seq } = splitOpId(opId);
  bytes.writeUInt8(FORMAT_VERSION, 0);
  bytes.writeBigUInt64BE(BigInt(epoch), 1);
  bytes.writeBigUInt64BE(BigInt(seq), 9);
  bytes.write(value, HEADER_BYTES, "utf8");
  return bytes;
}

/** Undefined when the bytes are no value of this format. */
export function decodeValue(bytes: Uint8Array): Versioned | undefined {
  if (bytes.length < HEADER_BYTES || bytes[0] !== FORMAT_VERSION) return undefined;
  return { value: asBuffer(bytes).toString("utf8", HEADER_BYTES), opId: decodeVersion(bytes) };
}

function decodeVersion(bytes: Uint8Array): OpId {
  const buffer = asBuffer(bytes);
  return opIdOf(buffer.readBigUInt64BE(1).toString() as Epoch, Number(buffer.readBigUInt64BE(9)));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
