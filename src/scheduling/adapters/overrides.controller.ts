import { Body, Controller, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { ApiIdParam, DatePath, IdPath } from '#libs/nest/id-path.js';
import { PageQuery } from '#libs/nest/page.dto.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { DryRunQuery } from '../../doctors/index.js';
import { AccountClosed, CurrentActor, Roles, type Actor } from '../../identity/index.js';
import { TooManyEntries } from '../domain/errors.js';
import { ReadRules } from '../use-cases/read-rules.js';
import { RemoveOverride } from '../use-cases/remove-override.js';
import { SetOverride } from '../use-cases/set-override.js';
import {
  ChangedOverrideResponse,
  OverrideRequest,
  OverrideResponse,
  OverridesPage,
} from './overrides.dto.js';

const JAMES = '01900000-0000-7000-8000-0000000000d2';

const ApiDateParam = (): MethodDecorator =>
  ApiParam({ name: 'date', schema: { type: 'string', format: 'date', example: '2030-01-07' } });

@ApiTags('Availability')
@Roles('doctor', 'admin')
@Controller('api/doctors')
export class OverridesController {
  constructor(
    private readonly readRules: ReadRules,
    private readonly setOverride: SetOverride,
    private readonly removeOverride: RemoveOverride,
  ) {}

  @Get(':id/overrides')
  @ApiOperation({ operationId: 'listOverrides', summary: 'List the dates that have hours of their own' })
  @ApiIdParam(JAMES)
  @ApiOkResponse({ type: OverridesPage })
  @Problems(NotFound.problem)
  async list(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Query() page: PageQuery,
  ): Promise<OverridesPage> {
    return OverridesPage.of(await this.readRules.overrides(actor, doctor, page), OverrideResponse.of);
  }

  @Get(':id/overrides/:date')
  @ApiOperation({ operationId: 'getOverride', summary: 'Read the hours of one date that has its own' })
  @ApiIdParam(JAMES)
  @ApiDateParam()
  @ApiOkResponse({ type: OverrideResponse })
  @Problems(NotFound.problem)
  async read(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Param('date', DatePath) date: string,
  ): Promise<OverrideResponse> {
    return OverrideResponse.of(await this.readRules.override(actor, doctor, date));
  }

  @Put(':id/overrides/:date')
  @ApiOperation({
    operationId: 'setOverride',
    summary: 'Give one date hours of its own, or close it; nothing that is booked is cancelled',
  })
  @ApiIdParam(JAMES)
  @ApiDateParam()
  @BodyExamples(OverrideRequest, {
    'A short day': { hours: [{ from: '09:00', to: '13:00' }] },
    Closed: { hours: [] },
  })
  @ApiOkResponse({ type: ChangedOverrideResponse })
  @Problems(NotFound.problem, AccountClosed.problem, TooManyEntries.problem)
  async set(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Param('date', DatePath) date: string,
    @Query() { dry_run: dryRun }: DryRunQuery,
    @Body() body: OverrideRequest,
  ): Promise<ChangedOverrideResponse> {
    const override = body.toOverride(date);
    return ChangedOverrideResponse.ofChange(
      await this.setOverride.execute({ actor, doctor, dryRun, override }),
    );
  }

  @Delete(':id/overrides/:date')
  @ApiOperation({ operationId: 'removeOverride', summary: 'Let the weekly hours hold on a date again' })
  @ApiIdParam(JAMES)
  @ApiDateParam()
  @ApiOkResponse({ type: ChangedOverrideResponse, description: 'What was removed.' })
  @Problems(NotFound.problem)
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) doctor: string,
    @Param('date', DatePath) date: string,
    @Query() { dry_run: dryRun }: DryRunQuery,
  ): Promise<ChangedOverrideResponse> {
    return ChangedOverrideResponse.ofChange(
      await this.removeOverride.execute({ actor, doctor, dryRun, date }),
    );
  }
}
