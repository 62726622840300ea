import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Forbidden, NotFound } from '#libs/kernel/errors.js';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { ApiIdempotencyKey } from '#libs/nest/conditional-request.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, Roles, SignedIn, type Actor } from '../../identity/index.js';
import {
  ActionNotAllowed,
  KeyReused,
  ProfileRequired,
  ProposalLimit,
  RequestInFlight,
  SeriesRefused,
} from '../domain/errors.js';
import type { KeyedRequest } from '../ports.js';
import { CancelSeries } from '../use-cases/cancel-series.js';
import { PreviewSeries } from '../use-cases/preview-series.js';
import { ReadSeries } from '../use-cases/read-series.js';
import { ScheduleSeries } from '../use-cases/schedule-series.js';
import type { SeriesAnswer } from '../use-cases/series-views.js';
import { Once } from './action-route.js';
import {
  CancelSeriesRequest,
  ScheduleSeriesRequest,
  SeriesPreviewResponse,
  SeriesResponse,
} from './series.dto.js';

const EXAMPLES = {
  'The doctor': {
    patient: '01900000-0000-7000-8000-0000000000c1',
    date: '2030-01-07',
    time: '16:15',
    every_weeks: 1,
    count: 4,
    reason_for_visit: 'Blood pressure after the change of medication',
  },
  'An admin, some of the dates': {
    doctor: '01900000-0000-7000-8000-0000000000d2',
    patient: '01900000-0000-7000-8000-0000000000c3',
    date: '2030-01-07',
    time: '08:00',
    every_weeks: 2,
    count: 6,
    dates: ['2030-01-07'],
    exemption_reason: 'Dr Whitfield agreed by phone',
  },
};

@ApiTags('Series')
@Controller('api/series')
export class SeriesController {
  constructor(
    private readonly previewSeries: PreviewSeries,
    private readonly scheduleSeries: ScheduleSeries,
    private readonly readSeries: ReadSeries,
    private readonly cancelSeries: CancelSeries,
  ) {}

  @Post('preview')
  @Roles('doctor', 'admin')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'previewSeries',
    summary: 'Ask what a series would meet, date by date; nothing is booked',
  })
  @ApiOkResponse({ type: SeriesPreviewResponse })
  @BodyExamples(ScheduleSeriesRequest, EXAMPLES)
  @Problems(Forbidden.problem, NotFound.problem, ProfileRequired.problem, ProposalLimit.problem)
  async preview(
    @CurrentActor() actor: Actor,
    @Body() body: ScheduleSeriesRequest,
  ): Promise<SeriesPreviewResponse> {
    return SeriesPreviewResponse.of(await this.previewSeries.execute(body.toInput(actor)));
  }

  @Post()
  @Roles('doctor', 'admin')
  @ApiOperation({
    operationId: 'scheduleSeries',
    summary:
      'Schedule visits every so many weeks, all of them or none; a doctor, for a patient they have seen',
  })
  @ApiIdempotencyKey()
  @ApiCreatedResponse({
    type: SeriesResponse,
    headers: { Location: { description: 'Path of the series.', schema: { type: 'string' } } },
  })
  @BodyExamples(ScheduleSeriesRequest, EXAMPLES)
  @Problems(
    Forbidden.problem,
    NotFound.problem,
    ProfileRequired.problem,
    ProposalLimit.problem,
    SeriesRefused.problem,
    KeyReused.problem,
    RequestInFlight.problem,
  )
  async schedule(
    @CurrentActor() actor: Actor,
    @Once() once: KeyedRequest | undefined,
    @Body() body: ScheduleSeriesRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SeriesResponse> {
    const answer = await this.scheduleSeries.execute({ ...body.toInput(actor), once });
    void reply.header('Location', `/api/series/${answer.view.series.id}/`);
    return answerWith(reply, answer);
  }

  @Get(':id')
  @SignedIn()
  @ApiOperation({ operationId: 'getSeries', summary: 'Read one series with all its visits' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000e1')
  @ApiOkResponse({ type: SeriesResponse })
  @Problems(NotFound.problem)
  async read(@CurrentActor() actor: Actor, @Param('id', IdPath) id: string): Promise<SeriesResponse> {
    return SeriesResponse.of(await this.readSeries.execute(actor, id));
  }

  @Post(':id/cancel')
  @SignedIn()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'cancelSeries',
    summary: 'Cancel the visits of a series that are still to come, from a date on',
  })
  @ApiIdParam('01900000-0000-7000-8000-0000000000e1')
  @ApiIdempotencyKey()
  @ApiOkResponse({ type: SeriesResponse })
  @BodyExamples(
    CancelSeriesRequest,
    {
      'From a date on': { date_from: '2030-01-07', reason: 'The treatment is over' },
      'All that are to come': {},
    },
    false,
  )
  @Problems(NotFound.problem, ActionNotAllowed.problem, KeyReused.problem, RequestInFlight.problem)
  async cancel(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) id: string,
    @Once() once: KeyedRequest | undefined,
    @Body() { date_from: from, reason = null }: CancelSeriesRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SeriesResponse> {
    return answerWith(reply, await this.cancelSeries.execute({ actor, id, from, reason, once }));
  }
}

function answerWith(reply: FastifyReply, { view, status, replayed }: SeriesAnswer): SeriesResponse {
  void reply.status(status);
  if (replayed) void reply.header('Idempotency-Replayed', 'true');
  return SeriesResponse.of(view);
}
