import { Body, Controller, Get, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotFound } from '#libs/kernel/errors.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, Roles, type Actor } from '../../identity/index.js';
import { Doctors } from '../ports.js';
import { SaveDoctorProfile } from '../use-cases/save-doctor-profile.js';
import { UpdateDoctorProfile } from '../use-cases/update-doctor-profile.js';
import { DryRunQuery } from './conflicts.dto.js';
import { ChangedDoctorProfileResponse, DoctorProfileRequest, DoctorProfileResponse } from './doctors.dto.js';

@ApiTags('Doctors')
@Roles('doctor')
@Controller('api/doctor-profile')
export class DoctorProfileController {
  constructor(
    private readonly saveProfile: SaveDoctorProfile,
    private readonly updateProfile: UpdateDoctorProfile,
    private readonly doctors: Doctors,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'saveOwnDoctorProfile',
    summary: 'Fill in your doctor profile, or change what you send of it',
  })
  @ApiCreatedResponse({ type: ChangedDoctorProfileResponse, description: 'The profile was filled in.' })
  @ApiOkResponse({
    type: ChangedDoctorProfileResponse,
    description: 'The profile was there; what was sent of it is changed. Or it was a dry run.',
  })
  async save(
    @CurrentActor() actor: Actor,
    @Query() { dry_run: dryRun }: DryRunQuery,
    @Body() body: DoctorProfileRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedDoctorProfileResponse> {
    const { created, ...changed } = await this.saveProfile.execute({
      userId: actor.userId,
      change: body.toInput(),
      dryRun,
    });
    void reply.status(created ? 201 : 200);
    return ChangedDoctorProfileResponse.ofChange(changed);
  }

  @Get()
  @ApiOperation({ operationId: 'getOwnDoctorProfile', summary: 'Read your doctor profile' })
  @ApiOkResponse({ type: DoctorProfileResponse })
  @Problems(NotFound.problem)
  async read(@CurrentActor() actor: Actor): Promise<DoctorProfileResponse> {
    const doctor = await this.doctors.findByUser(actor.userId);
    if (doctor === undefined) throw new NotFound('profile');
    return DoctorProfileResponse.of(doctor);
  }

  @Patch()
  @ApiOperation({
    operationId: 'updateOwnDoctorProfile',
    summary: 'Change what you send of your doctor profile',
  })
  @ApiOkResponse({ type: ChangedDoctorProfileResponse })
  @Problems(NotFound.problem)
  async update(
    @CurrentActor() actor: Actor,
    @Query() { dry_run: dryRun }: DryRunQuery,
    @Body() body: DoctorProfileRequest,
  ): Promise<ChangedDoctorProfileResponse> {
    const input = { userId: actor.userId, change: body.toInput(), dryRun };
    return ChangedDoctorProfileResponse.ofChange(await this.updateProfile.execute(input));
  }
}
