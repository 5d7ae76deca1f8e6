// The code an authenticator app shows (RFC 6238 with its usual choices: SHA-1, 30 seconds, 6 digits).
import { createHmac } from "node:crypto";

/** The code of a secret in base 32, as shown so many seconds from now. */
export function code(secret, ahead = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(/\s/g, "").toUpperCase()].map((one) => letters.indexOf(one).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + ahead) / 30)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = hash[hash.length - 1] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
