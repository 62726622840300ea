import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problems } from '#libs/problems/problem.dto.js';
import { EmailTaken, Roles } from '../../identity/index.js';
import { AdmitPatient } from '../use-cases/admit-patient.js';
import { AdmitPatientRequest, AdmittedPatientResponse } from './patients.dto.js';

@ApiTags('Admin')
@Roles('admin')
@Controller('api/admin/patients')
export class AdminPatientsController {
  constructor(private readonly admitPatient: AdmitPatient) {}

  @Post()
  @ApiOperation({
    operationId: 'admitPatient',
    summary: 'Take in a person at the desk: account and profile, without a password',
    description: 'Nobody can log in to the account until its person has set a password.',
  })
  @ApiCreatedResponse({
    type: AdmittedPatientResponse,
    headers: { Location: { description: "Path of the patient's card.", schema: { type: 'string' } } },
  })
  @Problems(EmailTaken.problem)
  async admit(
    @Body() body: AdmitPatientRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AdmittedPatientResponse> {
    const admitted = await this.admitPatient.execute(body.toInput());
    void reply.header('Location', `/api/patients/${admitted.patient.id}/`);
    return AdmittedPatientResponse.of(admitted);
  }
}
