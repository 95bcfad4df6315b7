/** The letter, as a component. */
import { Body } from '@react-email/body';
import { Button } from '@react-email/button';
import { Container } from '@react-email/container';
import { Head } from '@react-email/head';
import { Heading } from '@react-email/heading';
import { Html } from '@react-email/html';
import { Preview } from '@react-email/preview';
import { Text } from '@react-email/text';
import type { ReactElement } from 'react';

export interface WelcomeProps {
  name: string;
  link: string;
}

export function Welcome({ name, link }: WelcomeProps): ReactElement {
  return (
    <Html lang="en">
      <Head />
      <Preview>One click, and you are in.</Preview>
      <Body style={{ backgroundColor: '#f4f4f5', fontFamily: 'sans-serif' }}>
        <Container style={{ backgroundColor: '#ffffff', padding: '24px' }}>
          <Heading as="h1">Welcome, {name}</Heading>
          <Text>Please confirm your address.</Text>
          <Button href={link} style={{ backgroundColor: '#1d4ed8', color: '#ffffff', padding: '12px 20px' }}>
            Confirm
          </Button>
        </Container>
      </Body>
    </Html>
  );
}
