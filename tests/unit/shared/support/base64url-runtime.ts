/**
 * Deno std's base64url needs `ArrayBuffer.prototype.transfer`, which Deno has and Node 20 has not. To be called by the
 * tests of modules that use it.
 */
export function provideTransfer(): void {
  const { prototype } = ArrayBuffer;
  if ("transfer" in prototype) return;
  Object.defineProperty(prototype, "transfer", {
    configurable: true,
    writable: true,
    value(this: ArrayBuffer, length: number = this.byteLength): ArrayBuffer {
      const moved = new Uint8Array(length);
      moved.set(new Uint8Array(this, 0, Math.min(length, this.byteLength)));
      return moved.buffer;
    },
  });
}
