import { EmailField, OpaqueField, PasswordField } from '#libs/nest/fields.js';

export class ChangePasswordRequest {
  @OpaqueField({ max: 128 })
  current_password: string;

  @PasswordField({
    description:
      'Any characters; surrounding space counts. Common ones, and your own name or email, are refused.',
    example: 'nine clouds over the lake',
  })
  new_password: string;

  toInput(): { currentPassword: string; newPassword: string } {
    return { currentPassword: this.current_password, newPassword: this.new_password };
  }
}

export class ForgotPasswordRequest {
  @EmailField({ example: 'lena.fischer@demo.cybermed.example' })
  email: string;
}

export class VerifyEmailRequest {
  @OpaqueField({ max: 200, description: 'What was mailed.' })
  token: string;
}

export class ResetPasswordRequest {
  @OpaqueField({ max: 200, description: 'What was mailed.' })
  token: string;

  @PasswordField({ description: 'As at registration.' })
  new_password: string;

  toInput(): { token: string; newPassword: string } {
    return { token: this.token, newPassword: this.new_password };
  }
}
