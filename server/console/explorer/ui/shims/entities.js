// Character references in descriptions, decoded by the browser's own parser
// instead of a table of 2 231 names.
function decode(text) {
  return new DOMParser().parseFromString(text.replace(/</g, '&lt;'), 'text/html').documentElement.textContent;
}

export const decodeHTML = decode;
export const decodeHTMLStrict = decode;
