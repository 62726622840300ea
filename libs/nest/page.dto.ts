import { IntegerParameter, TextField } from './fields.js';

/** The query of every list. */
export class PageQuery {
  @IntegerParameter({ min: 1, max: 100, default: 50, description: 'Rows of a page.' })
  limit: number = 50;

  @TextField({ max: 500, optional: true, description: '`next_cursor` of the page before.' })
  cursor?: string;
}
