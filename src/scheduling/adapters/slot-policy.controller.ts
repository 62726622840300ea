import { Body, Controller, Get, Param, Put, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotFound } from '#libs/kernel/errors.js';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { ApiIfMatch, ETAG, SeenVersions, setVersion } from '#libs/nest/conditional-request.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { PageQuery } from '#libs/nest/page.dto.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { ConflictResponse, DryRunQuery } from '../../doctors/index.js';
import { AccountClosed, CurrentActor, Roles, type Actor } from '../../identity/index.js';
import { WEEKDAYS } from '../domain/calendar.js';
import { StaleVersion } from '../domain/errors.js';
import { ReadRules } from '../use-cases/read-rules.js';
import { SetSlotPolicy } from '../use-cases/set-slot-policy.js';
import {
  ChangedSlotPolicyResponse,
  ConflictsPage,
  SlotPolicyRequest,
  SlotPolicyResponse,
} from './slot-policy.dto.js';

const JAMES = '01900000-0000-7000-8000-0000000000d2';

@ApiTags('Availability')
@Roles('doctor', 'admin')
@Controller('api/doctors')
export class SlotPolicyController {
  constructor(
    private readonly readRules: ReadRules,
    private readonly setSlotPolicy: SetSlotPolicy,
  ) {}

  @Get(':id/slot-policy')
  @ApiOperation({
    operationId: 'getSlotPolicy',
    summary: "Read a doctor's rules about slots, as the doctor or an admin",
  })
  @ApiIdParam(JAMES)
  @ApiOkResponse({ type: SlotPolicyResponse, headers: ETAG })
  @Problems(NotFound.problem)
  async read(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SlotPolicyResponse> {
    const policy = await this.readRules.policy(actor, doctor);
    setVersion(reply, policy.version);
    return SlotPolicyResponse.of(policy);
  }

  @Put(':id/slot-policy')
  @ApiOperation({
    operationId: 'setSlotPolicy',
    summary: "Replace a doctor's rules about slots; nothing that is booked is cancelled",
    description:
      'Send what `getSlotPolicy` answers, with your changes. `version` and `time_zone` are set by nobody here: left out they are not looked at, and sent they must be as they are.',
  })
  @ApiIdParam(JAMES)
  @ApiIfMatch()
  @BodyExamples(SlotPolicyRequest, {
    'Weekdays with a lunch break': {
      visit_types: [
        { name: 'consultation', duration_minutes: 30, bookable_by: 'everyone' },
        { name: 'follow-up', duration_minutes: 15, bookable_by: 'seen' },
        { name: 'stress test', duration_minutes: 60, bookable_by: 'doctor' },
      ],
      weekly_hours: WEEKDAYS.slice(0, 5).flatMap((weekday) => [
        { weekday, from: '08:00', to: '12:00' },
        { weekday, from: '13:00', to: '17:00' },
      ]),
      grid_minutes: 15,
      notice_minutes: 120,
      horizon_days: 60,
      buffer_before_minutes: 0,
      buffer_after_minutes: 5,
      daily_maximum: 14,
      patient_limit: 5,
      confirmation: 'manual',
      confirm_within_minutes: 4320,
      cancellation_notice_minutes: 1440,
    },
  })
  @ApiOkResponse({ type: ChangedSlotPolicyResponse, headers: ETAG })
  @Problems(NotFound.problem, AccountClosed.problem, StaleVersion.problem)
  async set(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Query() { dry_run: dryRun }: DryRunQuery,
    @SeenVersions() seenVersions: readonly number[] | undefined,
    @Body() body: SlotPolicyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedSlotPolicyResponse> {
    const input = { actor, doctor, dryRun, seenVersions, ...body.toInput() };
    const changed = await this.setSlotPolicy.execute(input);
    setVersion(reply, changed.result.version);
    return ChangedSlotPolicyResponse.ofChange(changed);
  }

  @Get(':id/conflicts')
  @ApiOperation({
    operationId: 'listConflicts',
    summary: "List the future active appointments outside the doctor's present rules",
  })
  @ApiIdParam(JAMES)
  @ApiOkResponse({ type: ConflictsPage })
  @Problems(NotFound.problem)
  async conflicts(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Query() page: PageQuery,
  ): Promise<ConflictsPage> {
    return ConflictsPage.of(await this.readRules.conflicts(actor, doctor, page), ConflictResponse.of);
  }
}
