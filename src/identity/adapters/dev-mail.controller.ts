import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { toInstantText } from '#libs/nest/fields.js';
import { escaped, page } from '#libs/nest/page.js';
import { KeptMail, type KeptMessage } from '../ports.js';
import { Public } from './access.js';

const MOST = 50;

/** The mail of a demo, which is kept instead of sent; nowhere else there is such a page. */
@Controller('dev/mail')
@Public()
export class DevMailController {
  constructor(private readonly kept: KeptMail) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @ApiExcludeEndpoint()
  async list(): Promise<string> {
    const messages = await this.kept.newest(MOST);
    if (messages === undefined) throw new NotFound('page');
    const none = '<p>Nothing was sent yet. Mail leaves within some seconds.</p>';
    return page('Mail', messages.length === 0 ? none : messages.map(shown).join('\n<hr>\n'));
  }
}

function shown({ at, to, subject, text }: KeptMessage): string {
  return `<h2>${escaped(subject)}</h2>
<p>To ${escaped(to)}, ${toInstantText(at)}</p>
<pre>${escaped(text)}</pre>`;
}
