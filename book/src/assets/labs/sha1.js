// SHA-1 (RFC 3174). The browser's own is asynchronous, and missing where a page is not secure.

const rotate = (word, by) => (word << by) | (word >>> (32 - by));

/** The 20 bytes of the digest. */
export function sha1(bytes) {
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const padded = new Uint8Array(blocks * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let block = 0; block < blocks; block += 1) {
    const words = Array.from({ length: 16 }, (_, n) => view.getUint32(block * 64 + n * 4));
    for (let n = 16; n < 80; n += 1) words.push(rotate(words[n - 3] ^ words[n - 8] ^ words[n - 14] ^ words[n - 16], 1));
    let [a, b, c, d, e] = hash;
    for (let n = 0; n < 80; n += 1) {
      const [mixed, constant] =
        n < 20 ? [(b & c) | (~b & d), 0x5a827999]
        : n < 40 ? [b ^ c ^ d, 0x6ed9eba1]
        : n < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
        : [b ^ c ^ d, 0xca62c1d6];
      [a, b, c, d, e] = [(rotate(a, 5) + mixed + e + constant + words[n]) | 0, a, rotate(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, n) => { hash[n] = (hash[n] + word) | 0; });
  }
  const digest = new DataView(new ArrayBuffer(20));
  hash.forEach((word, n) => digest.setUint32(n * 4, word));
  return new Uint8Array(digest.buffer);
}
