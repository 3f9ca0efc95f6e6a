// One renewal through Node's fetch, after reads that leave connections open:
// fetch.mjs READ_URL RENEW_URL KEY IDLE.
const [readUrl, renewUrl, key, idle] = process.argv.slice(2);
const headers = { authorization: `ApiKey ${key}`, "content-type": "application/json" };

function call(method, url) {
  return fetch(url, { method, headers, signal: AbortSignal.timeout(20000) });
}

async function warm(count) {
  const replies = await Promise.all(Array.from({ length: count }, () => call("GET", readUrl)));
  await Promise.all(replies.map((reply) => reply.text()));
}

async function renew() {
  try {
    return `HTTP ${(await call("PUT", renewUrl)).status}`;
  } catch (error) {
    return `${error.name}: ${error.message} (${error.cause?.code ?? "no code"})`;
  }
}

await warm(Number(idle));
const { node, undici } = process.versions;
console.log(`version: Node ${node}${undici ? `, undici ${undici}` : ""}`);
console.log(`saw: ${await renew()}`);
