// Blocks: deflated JSON in inert script elements, unpacked when wanted; the last few stay unpacked.

const KEPT = 48;
const unpacked = new Map();
const parsed = new Promise((resolve) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
  else resolve();
});

async function unpack(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

// A block may stand behind what the browser has read of the file so far.
async function block(name) {
  const known = unpacked.get(name);
  if (known) return known;
  const wanted = (async () => {
    if (!byId(name)?.nextSibling) await parsed;
    const element = byId(name);
    if (!element) throw new Error(`the file is not whole, ${name} is missing`);
    return unpack(element.textContent);
  })();
  unpacked.set(name, wanted);
  if (unpacked.size > KEPT) unpacked.delete(unpacked.keys().next().value);
  return wanted;
}

async function item(name, number, size) {
  return (await block(`${name}-${Math.floor(number / size)}`))[number % size];
}
