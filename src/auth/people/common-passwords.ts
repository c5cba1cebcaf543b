/** What people choose first among passwords of twelve characters and more; compared without capitals and blanks. */
const words = `
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 123123123123 012345678901 111111111111
000000000000 987654321098 098765432109 0987654321098 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv
qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdfgh qwerty123456 qwerty1234567 qwertyqwerty qwertzuiopasdf
asdfghjklzxcvbnm zxcvbnmasdfghjkl azertyuiopqsdfgh abcdefghijkl abcdefghijklm abcdefghijklmnopqrstuvwxyz abcdef123456
abc123abc123 abcd12345678 abc123456789 a12345678901 aa1234567890 password1234 password12345 password123456 passwordpassword
password2024 password2025 password2026 passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword123 mypassword12 yourpassword
changeme1234 changemenow1 changeitnow1 letmein12345 letmeinplease welcome12345 welcome123456 welcometohospital
administrator administrator1 admin1234567 adminadminadmin adminadmin12 superadministrator rootrootroot testtesttest
test12345678 testpassword demo12345678 iloveyou1234 iloveyouforever iloveyoubaby sunshine1234 princess1234 football1234
baseball1234 superman1234 dragondragon michael12345 jennifer1234 computer1234 internet1234 hospital1234 hospital2025
hospital2026 hospitalhospital medicine1234 doctordoctor passwort1234 passwort12345 passwortpasswort hallohallo12
schatzschatz krankenhaus1 krankenhaus123 krankenhaus motdepasse12 motdepasse123 motdepasse1234 bonjourbonjour
contrasena12 contrasena123 contrasena1234 contraseña12 contraseña123 teamoteamo12 correcthorsebatterystaple
thequickbrownfox monkeymonkey trustno1trustno1 winter2024winter summer2025summer lamplight1234 lamplightlamplight
`

const common = new Set(words.split(/\s+/).filter((word) => word.length > 0))

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll(/\s/g, '')

/** Also one or two characters over and over again, and rows of digits. */
export const isCommon = (password: string): boolean => {
  const text = plain(password)
  return common.has(text) || new Set(text).size < 4 || /^\d+$/.test(text)
}
