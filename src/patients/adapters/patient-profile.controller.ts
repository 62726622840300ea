import { Body, Controller, Get, Patch, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotFound } from '#libs/kernel/errors.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, Roles, type Actor } from '../../identity/index.js';
import { Patients } from '../ports.js';
import { SavePatientProfile } from '../use-cases/save-patient-profile.js';
import { UpdatePatientProfile } from '../use-cases/update-patient-profile.js';
import { PatientProfileRequest, PatientProfileResponse } from './patients.dto.js';

@ApiTags('Patients')
@Roles('patient')
@Controller('api/patient-profile')
export class PatientProfileController {
  constructor(
    private readonly saveProfile: SavePatientProfile,
    private readonly updateProfile: UpdatePatientProfile,
    private readonly patients: Patients,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'saveOwnPatientProfile',
    summary: 'Fill in your patient profile, or change what you send of it',
  })
  @ApiCreatedResponse({ type: PatientProfileResponse, description: 'The profile was filled in.' })
  @ApiOkResponse({
    type: PatientProfileResponse,
    description: 'The profile was there; what was sent of it is changed.',
  })
  async save(
    @CurrentActor() actor: Actor,
    @Body() body: PatientProfileRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PatientProfileResponse> {
    const { patient, created } = await this.saveProfile.execute({
      userId: actor.userId,
      change: body.toInput(),
    });
    void reply.status(created ? 201 : 200);
    return PatientProfileResponse.of(patient);
  }

  @Get()
  @ApiOperation({ operationId: 'getOwnPatientProfile', summary: 'Read your patient profile' })
  @ApiOkResponse({ type: PatientProfileResponse })
  @Problems(NotFound.problem)
  async read(@CurrentActor() actor: Actor): Promise<PatientProfileResponse> {
    const patient = await this.patients.findByUser(actor.userId);
    if (patient === undefined) throw new NotFound('profile');
    return PatientProfileResponse.of(patient);
  }

  @Patch()
  @ApiOperation({
    operationId: 'updateOwnPatientProfile',
    summary: 'Change what you send of your patient profile',
  })
  @ApiOkResponse({ type: PatientProfileResponse })
  @Problems(NotFound.problem)
  async update(
    @CurrentActor() actor: Actor,
    @Body() body: PatientProfileRequest,
  ): Promise<PatientProfileResponse> {
    const patient = await this.updateProfile.execute({ userId: actor.userId, change: body.toInput() });
    return PatientProfileResponse.of(patient);
  }
}
