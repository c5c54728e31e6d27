import { generateKeyPairSync, sign } from "node:crypto";

/** One element of DER (ITU-T X.690): its tag, the length of its content, its content. */
function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
const sequence = (...content: readonly Uint8Array[]) => element(0x30, ...content);
const integer = (value: number) => element(0x02, Buffer.from([value]));
const identifier = (hex: string) => element(0x06, Buffer.from(hex, "hex"));
const time = (text: string) => element(0x17, Buffer.from(text));

/** A key and a certificate that it has signed for itself, in PEM: an X.509 certificate as RFC 5280 lays it out, for `name`. */
export function selfSigned(name: string): { readonly key: string; readonly certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(identifier("2a8648ce3d040302"));
  const commonName = sequence(
    element(0x31, sequence(identifier("550403"), element(0x0c, Buffer.from(name)))),
  );
  const signed = sequence(
    element(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    commonName,
    sequence(time("250101000000Z"), time("491231235959Z")),
    commonName,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = element(0x03, Buffer.from([0]), sign("sha256", signed, privateKey));
  const base64 = sequence(signed, ecdsaWithSha256, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${
      base64.replace(/.{64}/g, "$&\n")
    }\n-----END CERTIFICATE-----\n`,
  };
}
