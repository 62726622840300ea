const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that stands in a page as it is, whatever it says. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}

/** The only style of all pages: the content security policy knows it by its hash. */
export const STYLE = `
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1.25rem; color: #1a2a33; background: #fbfcfc }
h1 { font-size: 1.7rem; line-height: 1.25 } a { color: #0b6e75 } code { background: #e8eff0; padding: .1em .35em; border-radius: .25em; font-size: .92em }
table { border-collapse: collapse; width: 100% } td { padding: .45rem .6rem .45rem 0; border-top: 1px solid #dce5e7; vertical-align: top }
`;

/** A small HTML page of ours. `title` and `body` are trusted: nothing of a request may be put into them but `escaped`. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title === 'CyberMed' ? title : `${title} · CyberMed`}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`;
}
