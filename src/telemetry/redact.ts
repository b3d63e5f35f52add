const censor = "[redacted]";

/** How the name of a secret ends, in any case: `Authorization`, `set-cookie`, `accessToken`, `DOLAPIKEY`, `AUTH_SECRETS`. */
const secretName = "[\\w.-]{0,40}(?:authorization|cookies?|passwords?|passwd|secrets?|token|api[-_]?keys?)";
const jsonString = '"(?:[^"\\\\]|\\\\.)*"';

// Each pattern starts with a fixed text and has bounded repeats before it, so that a long line costs one pass.
const namedSecret = new RegExp(`("${secretName}":)(?:${jsonString}|\\[(?:${jsonString},?)*\\]|-?\\d[\\d.]*)`, "gi");
const quotedSecret = new RegExp(`(\\\\"${secretName}\\\\"\\s*:\\s*\\\\")[^"\\\\]*`, "gi");
const parameter = new RegExp(`([?&\\s"]${secretName}=)[^\\s"\\\\&,;]+`, "gi");
const address = /:\/\/[^\s"\\<>`]+/g;
const credential = /\b(Bearer|Basic|Session) +[^\s"\\,;]+/gi;

/**
 * Takes credentials out of a line of JSON: values by their name at any depth, `token=…`, authorization schemes, and
 * userinfo and query of addresses. What comes out is JSON again.
 */
export function scrub(line: string): string {
  return line
    .replace(namedSecret, `$1"${censor}"`)
    .replace(quotedSecret, `$1${censor}`)
    .replace(address, bareAddress)
    .replace(parameter, `$1${censor}`)
    .replace(credential, `$1 ${censor}`);
}

function bareAddress(found: string): string {
  return found.replace(/\?.*$/, "").replace(/^:\/\/[^/#]*@/, "://");
}
