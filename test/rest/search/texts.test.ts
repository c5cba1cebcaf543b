/** _text, _content, the modifier :text, and what else tokens are asked for, against the database. */
import t from 'tap'
import { openRest, refusal, resourceOf, transaction, update } from '../../support/rest.ts'

const loinc = 'http://loinc.org'
const glucose = {
  status: 'final',
  code: {
    coding: [{ system: loinc, code: '2339-0', display: 'Glucose [Mass/volume] in Blood' }],
    text: 'Blutzucker',
  },
  note: [{ text: 'Nüchtern gemessen' }],
  text: {
    status: 'generated',
    div: '<div xmlns="http://www.w3.org/1999/xhtml">A <b>sweet</b> narrative &amp; more</div>',
  },
}
const weight = {
  status: 'final',
  code: { coding: [{ system: loinc, code: '29463-7', display: 'Body Weight' }] },
}

t.test('texts', async (t) => {
  const { perform } = await openRest(t, { references: 'off' })
  const id = 'g1'
  await perform(update('Observation', id, glucose))
  await perform(
    transaction([
      {
        resource: { resourceType: 'Observation', ...weight },
        request: { method: 'POST', url: 'Observation' },
      },
    ]),
  )

  const found = async (query: string, type = 'Observation'): Promise<number> => {
    const reply = await perform({ interaction: 'search-type', type, query: [...new URLSearchParams(query)] })
    return resourceOf(reply).entry?.length ?? 0
  }
  await t.test('of codes', async (t) => {
    t.equal(await found('code:text=gluc'), 1)
    t.equal(await found('code:text=mass blood'), 1)
    t.equal(await found('code:text=BLUTZUCKER'), 1)
    t.equal(await found('code:text=blood blutzucker'), 0, 'words of one text')
    t.equal(await found('code:text=blutzucker,weight'), 2)
    t.equal(await found('category:text=gluc'), 0)
    t.equal(await found('code:text=gluc&status=final'), 1)
    t.equal(await found('status=final&code:not=2339-0'), 1)
  })
  await t.test('of the narrative', async (t) => {
    t.equal(await found('_text=sweet'), 1)
    t.equal(await found('_text=narrative SWEET'), 1)
    t.equal(await found('_text=glucose'), 0)
    t.equal(await found('_text=div'), 0, 'tags are no words')
    t.equal(await found('_text=narr*'), 1)
    t.equal(await found('_text=narr'), 0)
  })
  await t.test('of everything', async (t) => {
    t.equal(await found('_content=sweet'), 1)
    t.equal(await found('_content=nuchtern glucose'), 1, 'words of several texts')
    t.equal(await found('_content=weight'), 1)
    t.equal(await found('_content=weight,sweet'), 2)
    t.equal(await found('_content=glucose weight'), 0)
    t.equal(await found('_content=gluc*&_sort=-_lastUpdated'), 1)
    t.equal(await found('_content=weight', 'Patient'), 0)
    const refused = await refusal(found('_content=a*'))
    t.match(refused.issues[0]?.diagnostics, /three letters/)
    t.match((await refusal(found('_text=%25'))).issues[0]?.diagnostics, /at least one word/)
  })
  await t.test('follow updates', async (t) => {
    await perform(update('Observation', id, { ...weight, note: [{ text: 'entirely new' }] }))
    t.equal(await found('_content=sweet'), 0)
    t.equal(await found('_content=entirely'), 1)
    t.equal(await found('code:text=weight'), 2)
  })
})

t.test('filters', async (t) => {
  const { perform } = await openRest(t, { references: 'off' })
  await perform(
    update('Patient', 'p1', {
      name: [{ family: 'Petersen', given: ['Ada'] }],
      gender: 'female',
      birthDate: '1980-02-03',
    }),
  )
  await perform(
    update('Patient', 'p2', { name: [{ family: 'Pet', given: ['Bo'] }], gender: 'male', birthDate: '1990' }),
  )
  await perform(update('Patient', 'p3', { name: [{ family: 'Karl' }] }))
  await perform(update('Observation', 'o1', { ...weight, subject: { reference: 'Patient/p1' } }))
  const found = async (filter: string, type = 'Patient'): Promise<string> => {
    const reply = await perform({
      interaction: 'search-type',
      type,
      query: [
        ['_filter', filter],
        ['_sort', '_id'],
      ],
    })
    // biome-ignore lint/suspicious/noExplicitAny: a Bundle
    return (resourceOf(reply).entry ?? []).map((entry: any) => entry.resource.id).join()
  }
  t.equal(await found('name co "pet"'), 'p1,p2')
  t.equal(await found('name eq "PET"'), 'p2')
  t.equal(await found('name ew sen'), 'p1')
  t.equal(await found('name sw pe and gender eq male'), 'p2')
  t.equal(await found('gender pr false'), 'p3')
  t.equal(await found('gender ne male'), 'p1')
  t.equal(await found('not (gender eq male)'), 'p1,p3')
  t.equal(await found('birthdate ge 1985 or gender eq female'), 'p1,p2')
  t.equal(await found('birthdate lt 1985-01-01'), 'p1')
  t.equal(await found('birthdate po 1990-05'), 'p2')
  t.equal(await found('gender in http://hl7.org/fhir/ValueSet/administrative-gender'), 'p1,p2')
  t.equal(await found('_id eq p3 or _id eq p1'), 'p1,p3')
  t.equal(await found('subject:Patient.name co "pet"', 'Observation'), 'o1')
  t.equal(await found('subject:Patient[gender eq male].name co "pet"', 'Observation'), '')
  t.equal(await found('subject:Patient[gender eq female].name co "pet"', 'Observation'), 'o1')
  t.equal(await found('patient re Patient/p1 and code eq http://loinc.org|29463-7', 'Observation'), 'o1')
  const advice = async (filter: string): Promise<string> =>
    (await refusal(found(filter))).issues[0]?.diagnostics ?? ''
  t.match(await advice('gender gt male'), /cannot be used with gender/)
  t.match(await advice('nonsense eq 1'), /cannot search Patient by "nonsense"/)
  t.match(await advice('birthdate eq soon'), /date/)
  t.match(await advice('gender pr maybe'), /true or false/)
})
