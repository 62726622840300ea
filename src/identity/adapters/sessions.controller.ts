import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { PageQuery } from '#libs/nest/page.dto.js';
import { Problems } from '#libs/problems/problem.dto.js';
import type { Actor } from '../domain/user.js';
import { EndSession } from '../use-cases/end-session.js';
import { EndSessions } from '../use-cases/end-sessions.js';
import { ListSessions } from '../use-cases/list-sessions.js';
import { CurrentActor, SignedIn } from './access.js';
import { SessionResponse, SessionsPage } from './sessions.dto.js';

@ApiTags('Account')
@SignedIn()
@Controller('api/auth/sessions')
export class SessionsController {
  constructor(
    private readonly listSessions: ListSessions,
    private readonly endSession: EndSession,
    private readonly endSessions: EndSessions,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listOwnSessions', summary: 'List where you are signed in' })
  @ApiOkResponse({ type: SessionsPage })
  async list(@CurrentActor() actor: Actor, @Query() { limit, cursor }: PageQuery): Promise<SessionsPage> {
    const page = await this.listSessions.execute({ actor, limit, cursor });
    return SessionsPage.of(page, (session) => SessionResponse.of(session, actor));
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ operationId: 'endOwnSessions', summary: 'Log out everywhere, here too' })
  @ApiNoContentResponse()
  async endAll(@CurrentActor() actor: Actor): Promise<void> {
    await this.endSessions.execute(actor.userId);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'endOwnSession', summary: 'Log one of your devices out' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000a1')
  @ApiNoContentResponse()
  @Problems(NotFound.problem)
  async end(@CurrentActor() actor: Actor, @Param('id', IdPath) id: string): Promise<void> {
    await this.endSession.execute({ actor, id });
  }
}
