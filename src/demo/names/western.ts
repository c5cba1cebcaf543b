/** Names in Latin script. */
import type { NameTable } from './table.ts'

export const western: readonly NameTable[] = [
  {
    language: 'en',
    display: 'English',
    weight: 52,
    order: 'given first',
    female:
      'Mary Emma Olivia Patricia Jennifer Elizabeth Linda Barbara Susan Jessica Sarah Karen Ava Sophia Nancy Lisa Margaret Sandra Ashley Kimberly Emily Donna Michelle Carol Amanda Dorothy Melissa Deborah Stephanie Rebecca Laura Sharon Cynthia Kathleen Amy Angela Shirley Anna Brenda Pamela Nicole Helen Samantha Katherine Christine Debra Rachel Carolyn Janet Catherine Maria Heather Diane Ruth Julie Joyce Virginia Grace Hannah Abigail Charlotte Amelia Harper Evelyn Mia Isla Freya Nora Hazel Violet Ruby Ivy Maeve Bridget Siobhan',
    male: 'James Robert John Michael Liam Noah William David Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Frank Patrick Raymond Jack Dennis Jerry Tyler Aaron Henry Nathan Douglas Peter Zachary Kyle Oliver Elijah Lucas Mason Ethan Logan Owen Theodore Wyatt Leo Oscar Arthur Finn Declan',
    family:
      "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers Morgan Cooper Peterson Bailey Reed Kelly Howard Ward Cox Richardson Wood Watson Brooks Bennett Gray Hughes Price Myers Foster Sanders Ross Long Sullivan Bell Coleman Butler Henderson Barnes Fisher Simmons Jordan Patterson Hamilton Graham Reynolds Griffin Wallace West Cole Hayes Bryant Gibson Ellis Stevens Murray Ford Marshall Owens McDonald Harrison Kennedy Wells Woods Webb Tucker Freeman Burns Henry Snyder Simpson Crawford Porter Mason Shaw Gordon Hunt Black Boyd Fox Rose Stone Lane Riley O'Brien O'Connor McCarthy FitzGerald Featherstonehaugh",
  },
  {
    language: 'es',
    display: 'Spanish',
    weight: 15,
    order: 'given first',
    female:
      'María Carmen Ana Isabel Laura Cristina Marta Sofía Lucía Valentina Camila Elena Rosa Paula Raquel Pilar Beatriz Mercedes Gabriela Daniela Ximena Inés Concepción Itzel Yolanda Guadalupe Esperanza Begoña',
    male: 'José Juan Antonio Manuel Francisco Luis Carlos Javier Miguel Ángel Pedro Alejandro Diego Fernando Jesús Rafael Sergio Mateo Santiago Andrés Ramón Joaquín Iván Óscar Raúl Adrián Íñigo Emiliano',
    family:
      'García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz Cruz Reyes Morales Gutiérrez Ortiz Chávez Ramos Ruiz Álvarez Mendoza Vásquez Castillo Jiménez Romero Muñoz Núñez Peña Ibáñez Yáñez Zúñiga Echeverría Quiñones',
  },
  {
    language: 'fr',
    display: 'French',
    weight: 4,
    order: 'given first',
    female:
      'Marie Jeanne Françoise Camille Léa Chloé Manon Inès Zoé Hélène Amélie Noémie Anaïs Élodie Céline Margaux Solène Maëlys Thérèse',
    male: 'Jean Pierre Michel Louis François André Jules Hugo Théo Émile Étienne Benoît Gaël Loïc Noël Rémi Sébastien Thibault Aurélien',
    family:
      'Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia Bertrand Roux Fournier Girard Bonnet Dupont Lévêque Gauthier Hébert Bélanger Gagné Côté Pelletier Lœuillet',
  },
  {
    language: 'de',
    display: 'German',
    weight: 4,
    order: 'given first',
    female:
      'Anna Ursula Monika Petra Emma Hannah Mia Lina Ella Käthe Jürgine Sabine Gisela Heike Brigitte Änne Friederike Annelore',
    male: 'Peter Hans Wolfgang Klaus Jürgen Günter Ben Paul Jonas Elias Felix Björn Jörg Götz Lukas Matthias Sören Ulrich',
    family:
      'Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Weiß Groß Jäger Böhm Köhler Strauß',
  },
  {
    language: 'pl',
    display: 'Polish',
    weight: 3,
    order: 'given first',
    female:
      'Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Elżbieta Zofia Julia Zuzanna Grażyna Bożena Łucja Świętosława',
    male: 'Jan Andrzej Piotr Krzysztof Stanisław Tomasz Paweł Józef Marcin Michał Jakub Łukasz Grzegorz Wojciech Zbigniew',
    family:
      'Nowak Kowalski/Kowalska Wiśniewski/Wiśniewska Wójcik Kowalczyk Kamiński/Kamińska Lewandowski/Lewandowska Zieliński/Zielińska Szymański/Szymańska Woźniak Dąbrowski/Dąbrowska Kozłowski/Kozłowska Jankowski/Jankowska Mazur Kwiatkowski/Kwiatkowska Krawczyk Źrebiec Gżegżółka',
  },
  {
    language: 'pt',
    display: 'Portuguese',
    weight: 3,
    order: 'given first',
    female:
      'Maria Ana Beatriz Leonor Matilde Joana Inês Mariana Francisca Conceição Fátima Luísa Glória Júlia Helena',
    male: 'José João António Francisco Manuel Pedro Tiago Miguel Rui Nuno Gonçalo Simão Vítor Sebastião Joaquim',
    family:
      'Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gonçalves Gomes Lopes Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Magalhães Simões Guimarães',
  },
  {
    language: 'vi',
    display: 'Vietnamese',
    weight: 3,
    order: 'family first',
    female: 'Anh Hương Lan Linh Mai Ngọc Nga Phương Thảo Thủy Trang Tuyết Vân Yến Hạnh',
    male: 'Anh Bảo Cường Đức Dũng Hùng Huy Khánh Long Minh Nam Phong Quân Sơn Tuấn',
    family: 'Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương',
  },
  {
    language: 'tr',
    display: 'Turkish',
    weight: 2,
    order: 'given first',
    female: 'Fatma Ayşe Emine Hatice Zeynep Elif Meryem Şerife Zehra Sultan Gül Özlem Çiğdem İpek',
    male: 'Mehmet Mustafa Ahmet Ali Hüseyin Hasan İbrahim İsmail Osman Yusuf Ömer Çağrı Şükrü Uğur',
    family: 'Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Işık',
  },
]
