export const DEMO_PASSWORD = 'demo-password';

const email = (name: string) => `${name}@demo.cybermed.example`;

export const ADMIN = { email: email('admin'), firstName: 'Ines', lastName: 'Kaya', gender: null };

export const DOCTORS = [
  {
    email: email('clara.sommer'),
    firstName: 'Clara',
    lastName: 'Sommer',
    gender: 'female',
    profile: {
      specialty: 'Cardiology',
      phoneNumber: '+49 30 23125 101',
      experienceYears: 14,
      qualifications: 'MD, board-certified cardiologist',
      hospitalAffiliation: 'Klinikum am See, Berlin',
      timeZone: 'Europe/Berlin',
    },
  },
  {
    email: email('james.whitfield'),
    firstName: 'James',
    lastName: 'Whitfield',
    gender: 'male',
    profile: {
      specialty: 'General Practice',
      phoneNumber: '+44 20 7946 0101',
      experienceYears: 22,
      qualifications: 'MD, family medicine',
      hospitalAffiliation: 'Hudson Square Clinic, New York',
      timeZone: 'America/New_York',
    },
  },
  {
    email: email('priya.raman'),
    firstName: 'Priya',
    lastName: 'Raman',
    gender: 'female',
    profile: {
      specialty: 'Dermatology',
      phoneNumber: '+44 20 7946 0102',
      experienceYears: 9,
      qualifications: 'MBBS, MD (Dermatology)',
      hospitalAffiliation: null,
      timeZone: 'Asia/Kolkata',
    },
  },
  {
    email: email('oliver.hayes'),
    firstName: 'Oliver',
    lastName: 'Hayes',
    gender: 'male',
    profile: {
      specialty: 'Pediatrics',
      phoneNumber: '+44 20 7946 0103',
      experienceYears: 5,
      qualifications: null,
      hospitalAffiliation: 'Harbour Children’s Hospital, Sydney',
      timeZone: 'Australia/Sydney',
    },
  },
] as const;

export const PATIENTS = [
  {
    email: email('lena.fischer'),
    firstName: 'Lena',
    lastName: 'Fischer',
    gender: 'female',
    profile: {
      dateOfBirth: '1988-04-12',
      phoneNumber: '+49 30 23125 201',
      address: 'Lindenallee 4, 10115 Berlin',
      emergencyContactName: 'Jonas Fischer',
      emergencyContactPhone: '+49 30 23125 202',
      medicalHistory: 'Arrhythmia, first seen in 2021',
      allergies: 'Penicillin',
    },
  },
  {
    email: email('tomas.ortega'),
    firstName: 'Tomás',
    lastName: 'Ortega',
    gender: 'male',
    profile: {
      dateOfBirth: '1975-11-03',
      phoneNumber: null,
      address: '210 Spring Street, New York',
      emergencyContactName: 'Lucía Ortega',
      emergencyContactPhone: '+44 20 7946 0202',
      medicalHistory: null,
      allergies: null,
    },
  },
  {
    email: email('amina.diallo'),
    firstName: 'Amina',
    lastName: 'Diallo',
    gender: 'female',
    profile: {
      dateOfBirth: '1999-07-21',
      phoneNumber: '+44 20 7946 0203',
      address: '17 Mercer Street, New York',
      emergencyContactName: 'Fatou Diallo',
      emergencyContactPhone: '+44 20 7946 0204',
      medicalHistory: 'Asthma',
      allergies: 'Pollen, nuts',
    },
  },
  {
    email: email('noah.becker'),
    firstName: 'Noah',
    lastName: 'Becker',
    gender: 'other',
    profile: {
      dateOfBirth: '2001-02-28',
      phoneNumber: null,
      address: 'Uferweg 9, 12435 Berlin',
      emergencyContactName: 'Miriam Becker',
      emergencyContactPhone: '+49 30 23125 203',
      medicalHistory: null,
      allergies: null,
    },
  },
] as const;
