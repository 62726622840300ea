import { Body, Controller, Delete, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotFound } from '#libs/kernel/errors.js';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { PageQuery } from '#libs/nest/page.dto.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { DryRunQuery } from '../../doctors/index.js';
import { AccountClosed, CurrentActor, Roles, type Actor } from '../../identity/index.js';
import { TooManyEntries } from '../domain/errors.js';
import { REFUSAL_PROBLEMS } from '../domain/refusals.js';
import { AddAbsence } from '../use-cases/add-absence.js';
import { ReadRules } from '../use-cases/read-rules.js';
import { RemoveAbsence } from '../use-cases/remove-absence.js';
import { AbsenceRequest, AbsenceResponse, AbsencesPage, ChangedAbsenceResponse } from './absences.dto.js';

const JAMES = '01900000-0000-7000-8000-0000000000d2';
const NO_SUCH_TIME = REFUSAL_PROBLEMS.filter(({ code }) => code === 'no-such-time');

@ApiTags('Availability')
@Roles('doctor', 'admin')
@Controller('api/doctors')
export class AbsencesController {
  constructor(
    private readonly readRules: ReadRules,
    private readonly addAbsence: AddAbsence,
    private readonly removeAbsence: RemoveAbsence,
  ) {}

  @Get(':id/absences')
  @ApiOperation({ operationId: 'listAbsences', summary: 'List when the doctor is away' })
  @ApiIdParam(JAMES)
  @ApiOkResponse({ type: AbsencesPage })
  @Problems(NotFound.problem)
  async list(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Query() page: PageQuery,
  ): Promise<AbsencesPage> {
    return AbsencesPage.of(await this.readRules.absences(actor, doctor, page), AbsenceResponse.of);
  }

  @Post(':id/absences')
  @ApiOperation({
    operationId: 'addAbsence',
    summary: 'Say that the doctor will be away; nothing that is booked is cancelled',
  })
  @ApiIdParam(JAMES)
  @BodyExamples(AbsenceRequest, {
    'Whole days': { date_from: '2030-01-07', date_to: '2030-01-07', reason: 'Holiday' },
    'Some hours': {
      date_from: '2030-01-07',
      date_to: '2030-01-07',
      time_from: '14:00',
      time_to: '17:00',
    },
  })
  @ApiCreatedResponse({ type: ChangedAbsenceResponse })
  @ApiOkResponse({ type: ChangedAbsenceResponse, description: 'A dry run: nothing was kept.' })
  @Problems(NotFound.problem, AccountClosed.problem, TooManyEntries.problem, ...NO_SUCH_TIME)
  async add(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Query() { dry_run: dryRun }: DryRunQuery,
    @Body() body: AbsenceRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedAbsenceResponse> {
    const changed = await this.addAbsence.execute({ actor, doctor, dryRun, ...body.toInput() });
    void reply.status(dryRun ? 200 : 201);
    const response = ChangedAbsenceResponse.ofChange(changed);
    if (dryRun) response.id = null;
    return response;
  }

  @Delete(':id/absences/:absence')
  @ApiOperation({ operationId: 'removeAbsence', summary: 'Say that the doctor is there after all' })
  @ApiIdParam(JAMES)
  @ApiIdParam('01900000-0000-7000-8000-0000000000b1', 'absence')
  @ApiOkResponse({ type: ChangedAbsenceResponse, description: 'What was removed.' })
  @Problems(NotFound.problem)
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Param('absence', IdPath) id: string,
    @Query() { dry_run: dryRun }: DryRunQuery,
  ): Promise<ChangedAbsenceResponse> {
    return ChangedAbsenceResponse.ofChange(await this.removeAbsence.execute({ actor, doctor, dryRun, id }));
  }
}
