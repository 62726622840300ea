import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Forbidden, NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, Roles, SignedIn, type Actor } from '../../identity/index.js';
import { ActionNotAllowed, ProfileRequired, ProposalLimit } from '../domain/errors.js';
import { REFUSAL_PROBLEMS } from '../domain/refusals.js';
import { BookAppointment } from '../use-cases/book-appointment.js';
import { CancelAppointment } from '../use-cases/cancel-appointment.js';
import { CompleteAppointment } from '../use-cases/complete-appointment.js';
import { ConfirmAppointment } from '../use-cases/confirm-appointment.js';
import { ListAppointments } from '../use-cases/list-appointments.js';
import { ReadAppointment } from '../use-cases/read-appointment.js';
import {
  AppointmentResponse,
  AppointmentsPage,
  AppointmentsQuery,
  BookAppointmentRequest,
  HistoryLineResponse,
  HistoryResponse,
  ReasonRequest,
} from './appointments.dto.js';

@ApiTags('Appointments')
@Controller('api/appointments')
export class AppointmentsController {
  constructor(
    private readonly bookAppointment: BookAppointment,
    private readonly confirmAppointment: ConfirmAppointment,
    private readonly cancelAppointment: CancelAppointment,
    private readonly completeAppointment: CompleteAppointment,
    private readonly listAppointments: ListAppointments,
    private readonly readAppointment: ReadAppointment,
  ) {}

  @Get()
  @SignedIn()
  @ApiOperation({ operationId: 'listAppointments', summary: 'List your own appointments (an admin: all)' })
  @ApiOkResponse({ type: AppointmentsPage })
  async list(@CurrentActor() actor: Actor, @Query() query: AppointmentsQuery): Promise<AppointmentsPage> {
    return AppointmentsPage.of(await this.listAppointments.execute(actor, query.toFilter()));
  }

  @Post()
  @SignedIn()
  @ApiOperation({
    operationId: 'bookAppointment',
    summary: 'Book as a patient, or schedule as a doctor or an admin',
  })
  @ApiCreatedResponse({
    type: AppointmentResponse,
    headers: { Location: { description: 'Path of the appointment.', schema: { type: 'string' } } },
  })
  @BodyExamples(BookAppointmentRequest, {
    'A patient books': {
      doctor: '01900000-0000-7000-8000-0000000000d1',
      date: '2030-01-07',
      time: '09:00',
      reason_for_visit: 'Palpitations when climbing stairs',
    },
    'A doctor schedules': {
      patient: '01900000-0000-7000-8000-0000000000c2',
      date: '2030-01-07',
      time: '18:15',
      duration_minutes: 45,
    },
    'An admin schedules': {
      doctor: '01900000-0000-7000-8000-0000000000d2',
      patient: '01900000-0000-7000-8000-0000000000c3',
      date: '2030-01-07',
      time: '08:00',
      exemption_reason: 'Dr Whitfield agreed by phone',
    },
  })
  @Problems(
    Forbidden.problem,
    NotFound.problem,
    ProfileRequired.problem,
    ProposalLimit.problem,
    ...REFUSAL_PROBLEMS,
  )
  async book(
    @CurrentActor() actor: Actor,
    @Body() body: BookAppointmentRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    const view = await this.bookAppointment.execute(body.toInput(actor));
    void reply.header('Location', `/api/appointments/${view.appointment.id}/`);
    return AppointmentResponse.of(view);
  }

  @Get(':id')
  @SignedIn()
  @ApiOperation({ operationId: 'getAppointment', summary: 'Read one appointment' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000f1')
  @ApiOkResponse({ type: AppointmentResponse })
  @Problems(NotFound.problem)
  async read(@CurrentActor() actor: Actor, @Param('id', IdPath) id: string): Promise<AppointmentResponse> {
    return AppointmentResponse.of(await this.readAppointment.execute(actor, id));
  }

  @Get(':id/history')
  @SignedIn()
  @ApiOperation({ operationId: 'getAppointmentHistory', summary: 'Read what happened to an appointment' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000f1')
  @ApiOkResponse({ type: HistoryResponse })
  @Problems(NotFound.problem)
  async history(@CurrentActor() actor: Actor, @Param('id', IdPath) id: string): Promise<HistoryResponse> {
    const lines = await this.readAppointment.history(actor, id);
    return { results: lines.map(HistoryLineResponse.of) };
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @SignedIn()
  @ApiOperation({
    operationId: 'confirmAppointment',
    summary: 'Agree, as the awaited side; an admin gives a reason',
  })
  @ApiIdParam('01900000-0000-7000-8000-0000000000f3')
  @BodyExamples(
    ReasonRequest,
    { 'The doctor': {}, 'An admin': { reason: 'The doctor agreed by phone' } },
    false,
  )
  @ApiOkResponse({ type: AppointmentResponse })
  @Problems(NotFound.problem, ActionNotAllowed.problem)
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) id: string,
    @Body() { reason = null }: ReasonRequest,
  ): Promise<AppointmentResponse> {
    return AppointmentResponse.of(await this.confirmAppointment.execute({ actor, id, reason }));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @SignedIn()
  @ApiOperation({ operationId: 'cancelAppointment', summary: 'Cancel an appointment and free its time' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000f2')
  @BodyExamples(ReasonRequest, { 'With a reason': { reason: 'On holiday' }, 'Without a word': {} }, false)
  @ApiOkResponse({ type: AppointmentResponse })
  @Problems(NotFound.problem, ActionNotAllowed.problem)
  async cancel(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) id: string,
    @Body() { reason = null }: ReasonRequest,
  ): Promise<AppointmentResponse> {
    return AppointmentResponse.of(await this.cancelAppointment.execute({ actor, id, reason }));
  }

  @Post(':id/complete')
  @HttpCode(200)
  @Roles('doctor', 'admin')
  @ApiOperation({ operationId: 'completeAppointment', summary: 'Say that the visit took place' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000f4')
  @ApiOkResponse({ type: AppointmentResponse })
  @Problems(NotFound.problem, ActionNotAllowed.problem)
  async complete(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) id: string,
  ): Promise<AppointmentResponse> {
    return AppointmentResponse.of(await this.completeAppointment.execute({ actor, id }));
  }
}
