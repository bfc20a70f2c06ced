// Validates the input of users: every text here comes from one client and is sent to all others.

const longestName = 24;
const longestText = 500;

/** A user or channel name: trimmed, one line, limited in length. Throws an error with a message for the user. */
export function cleanName(name) {
  const clean = oneLine(name);
  if (clean === '' || clean.length > longestName) throw new Error(`Please use 1 to ${longestName} characters.`);
  return clean;
}

/** A chat message. Throws an error with a message for the user. */
export function cleanText(text) {
  const clean = oneLine(text);
  if (clean === '' || clean.length > longestText) throw new Error(`Please write 1 to ${longestText} characters.`);
  return clean;
}

function oneLine(value) {
  if (typeof value !== 'string') throw new Error('Please send text.');
  return value.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
