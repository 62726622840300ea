import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '#libs/kernel/page.js';
import { IntegerParameter, TextField } from './fields.js';

/** The query of every list. */
export class PageQuery {
  @IntegerParameter({ min: 1, max: 100, default: 50, description: 'Rows of a page.' })
  limit: number = 50;

  @TextField({ max: 500, optional: true, description: '`next_cursor` of the page before.' })
  cursor?: string;
}

/** The answer of a list of such rows, to be named by a class of its own. `description` tells their order. */
export function PageOf<Row>(row: new () => Row, description?: string) {
  class RowsOfPage {
    @ApiProperty({ type: [row], ...(description !== undefined && { description }) })
    results: Row[];

    @ApiProperty({
      type: 'string',
      nullable: true,
      description: 'Sent as `cursor`, it answers the next page; null on the last.',
    })
    next_cursor: string | null;

    static of<T>({ results, nextCursor }: Page<T>, shown: (one: T) => Row): RowsOfPage {
      return { results: results.map((one) => shown(one)), next_cursor: nextCursor };
    }
  }
  return RowsOfPage;
}
