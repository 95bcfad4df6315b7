/** A program written for nodemailer. The first line is all that has changed: it was `from 'nodemailer'`. */
import nodemailer from 'posthaste/nodemailer';

const transporter = nodemailer.createTransport(process.env['SMTP_URL'] ?? 'smtp://localhost:1025');

const info = await transporter.sendMail({
  from: '"Fred Foo" <foo@example.com>',
  to: 'bar@example.com, baz@example.com',
  subject: 'Hello',
  text: 'Hello world?',
  html: '<b>Hello world?</b>',
});
console.log(`Message sent: ${info.messageId}`);
console.log(info.accepted, info.rejected);
transporter.close();
