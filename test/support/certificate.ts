import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  /** Of the authority that signed it. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** A certificate for the name "localhost" and no other, by an authority of the test's own, as files in `folder`. */
export function makeCertificate(folder: string): Certificate {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=tests", "-days", "2");
  openssl("req", ...newKey, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  writeFileSync(file("names"), "subjectAltName=DNS:localhost\n");
  const signed = ["-in", "server.csr", "-out", "server.pem", "-days", "2", "-extfile", "names"];
  openssl("x509", "-req", ...signed, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial");
  return { authority: file("ca.pem"), certificate: file("server.pem"), key: file("server.key") };
}
