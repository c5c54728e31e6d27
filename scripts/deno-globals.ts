// Deno, where the functions run, has these; Node 20, where commands and unit tests run the same modules, has not. Deno std uses
// them.

/** For `encoding/base64url`. */
const { prototype } = ArrayBuffer;
if (!("transfer" in prototype)) {
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

/** For `async/deadline`. */
if (!("withResolvers" in Promise)) {
  Object.defineProperty(Promise, "withResolvers", {
    configurable: true,
    writable: true,
    value<T>() {
      let settle: Partial<{ resolve: (value: T) => void; reject: (reason: unknown) => void }> = {};
      const promise = new Promise<T>((resolve, reject) => {
        settle = { resolve, reject };
      });
      return { promise, ...settle };
    },
  });
}
