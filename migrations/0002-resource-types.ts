/** The numbers of the resource types, and a view on each type for whoever reads the data with SQL. */

/** The schema fhir has a view per type, named in lower case: select content->>'birthDate' from fhir.patient. */
export const up = `
insert into resource_type (type, name) values
(1, 'Account'), (2, 'ActivityDefinition'), (3, 'AdverseEvent'), (4, 'AllergyIntolerance'),
(5, 'Appointment'), (6, 'AppointmentResponse'), (7, 'AuditEvent'), (8, 'Basic'), (9, 'Binary'),
(10, 'BiologicallyDerivedProduct'), (11, 'BodyStructure'), (12, 'Bundle'),
(13, 'CapabilityStatement'), (14, 'CarePlan'), (15, 'CareTeam'), (16, 'CatalogEntry'),
(17, 'ChargeItem'), (18, 'ChargeItemDefinition'), (19, 'Claim'), (20, 'ClaimResponse'),
(21, 'ClinicalImpression'), (22, 'CodeSystem'), (23, 'Communication'),
(24, 'CommunicationRequest'), (25, 'CompartmentDefinition'), (26, 'Composition'),
(27, 'ConceptMap'), (28, 'Condition'), (29, 'Consent'), (30, 'Contract'), (31, 'Coverage'),
(32, 'CoverageEligibilityRequest'), (33, 'CoverageEligibilityResponse'), (34, 'DetectedIssue'),
(35, 'Device'), (36, 'DeviceDefinition'), (37, 'DeviceMetric'), (38, 'DeviceRequest'),
(39, 'DeviceUseStatement'), (40, 'DiagnosticReport'), (41, 'DocumentManifest'),
(42, 'DocumentReference'), (43, 'EffectEvidenceSynthesis'), (44, 'Encounter'), (45, 'Endpoint'),
(46, 'EnrollmentRequest'), (47, 'EnrollmentResponse'), (48, 'EpisodeOfCare'),
(49, 'EventDefinition'), (50, 'Evidence'), (51, 'EvidenceVariable'), (52, 'ExampleScenario'),
(53, 'ExplanationOfBenefit'), (54, 'FamilyMemberHistory'), (55, 'Flag'), (56, 'Goal'),
(57, 'GraphDefinition'), (58, 'Group'), (59, 'GuidanceResponse'), (60, 'HealthcareService'),
(61, 'ImagingStudy'), (62, 'Immunization'), (63, 'ImmunizationEvaluation'),
(64, 'ImmunizationRecommendation'), (65, 'ImplementationGuide'), (66, 'InsurancePlan'),
(67, 'Invoice'), (68, 'Library'), (69, 'Linkage'), (70, 'List'), (71, 'Location'),
(72, 'Measure'), (73, 'MeasureReport'), (74, 'Media'), (75, 'Medication'),
(76, 'MedicationAdministration'), (77, 'MedicationDispense'), (78, 'MedicationKnowledge'),
(79, 'MedicationRequest'), (80, 'MedicationStatement'), (81, 'MedicinalProduct'),
(82, 'MedicinalProductAuthorization'), (83, 'MedicinalProductContraindication'),
(84, 'MedicinalProductIndication'), (85, 'MedicinalProductIngredient'),
(86, 'MedicinalProductInteraction'), (87, 'MedicinalProductManufactured'),
(88, 'MedicinalProductPackaged'), (89, 'MedicinalProductPharmaceutical'),
(90, 'MedicinalProductUndesirableEffect'), (91, 'MessageDefinition'), (92, 'MessageHeader'),
(93, 'MolecularSequence'), (94, 'NamingSystem'), (95, 'NutritionOrder'), (96, 'Observation'),
(97, 'ObservationDefinition'), (98, 'OperationDefinition'), (99, 'OperationOutcome'),
(100, 'Organization'), (101, 'OrganizationAffiliation'), (102, 'Parameters'), (103, 'Patient'),
(104, 'PaymentNotice'), (105, 'PaymentReconciliation'), (106, 'Person'), (107, 'PlanDefinition'),
(108, 'Practitioner'), (109, 'PractitionerRole'), (110, 'Procedure'), (111, 'Provenance'),
(112, 'Questionnaire'), (113, 'QuestionnaireResponse'), (114, 'RelatedPerson'),
(115, 'RequestGroup'), (116, 'ResearchDefinition'), (117, 'ResearchElementDefinition'),
(118, 'ResearchStudy'), (119, 'ResearchSubject'), (120, 'RiskAssessment'),
(121, 'RiskEvidenceSynthesis'), (122, 'Schedule'), (123, 'SearchParameter'),
(124, 'ServiceRequest'), (125, 'Slot'), (126, 'Specimen'), (127, 'SpecimenDefinition'),
(128, 'StructureDefinition'), (129, 'StructureMap'), (130, 'Subscription'), (131, 'Substance'),
(132, 'SubstanceNucleicAcid'), (133, 'SubstancePolymer'), (134, 'SubstanceProtein'),
(135, 'SubstanceReferenceInformation'), (136, 'SubstanceSourceMaterial'),
(137, 'SubstanceSpecification'), (138, 'SupplyDelivery'), (139, 'SupplyRequest'), (140, 'Task'),
(141, 'TerminologyCapabilities'), (142, 'TestReport'), (143, 'TestScript'), (144, 'ValueSet'),
(145, 'VerificationResult'), (146, 'VisionPrescription');

create schema fhir;
do $$
declare r record;
begin
  for r in select type, name from resource_type order by type loop
    execute format(
      'create view fhir.%I as
       select r.tenant, coalesce(r.fhir_id, r.id::text) as id, r.version, r.last_updated, v.json as content
       from public.resource r join public.resource_version v using (tenant, type, id, version) where r.type = %s',
      lower(r.name), r.type);
    execute format('comment on view fhir.%I is %L', lower(r.name), 'Current resources of type ' || r.name);
  end loop;
end $$;
`
