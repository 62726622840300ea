const BOUNDARY = 'a-line-that-stands-in-no-file';

interface Field {
  name: string;
  /** Absent for a field that is no file. */
  filename?: string;
  type?: string;
  value: Buffer | string;
}

/** A form as browsers send it (RFC 7578), as a request that only lacks its method and address. */
export function form(...fields: readonly Field[]) {
  const parts = fields.flatMap(({ name, filename, type, value }) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? '' : `; filename="${filename}"`,
    type === undefined ? '' : `\r\nContent-Type: ${type}`,
    '\r\n\r\n',
    value,
    '\r\n',
  ]);
  const payload = Buffer.concat([...parts, `--${BOUNDARY}--\r\n`].map((part) => Buffer.from(part)));
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` } };
}

/** A form of one file. */
export function fileForm(value: Buffer | string, name = 'photo') {
  return form({ name, filename: 'me.jpg', type: 'image/jpeg', value });
}
