/** Names in other scripts, each with its Latin form. */
import type { NameTable } from './table.ts'

export const eastern: readonly NameTable[] = [
  {
    language: 'zh',
    display: 'Chinese',
    weight: 4,
    order: 'family first',
    script: 'IDE',
    female:
      'Wei|薇 Fang|芳 Na|娜 Xiuying|秀英 Min|敏 Jing|静 Li|丽 Yan|艳 Juan|娟 Xia|霞 Ting|婷 Xue|雪 Mei|梅 Yuxuan|语萱',
    male: 'Wei|伟 Qiang|强 Lei|磊 Jun|军 Yang|洋 Yong|勇 Jie|杰 Tao|涛 Chao|超 Ming|明 Gang|刚 Peng|鹏 Haoran|浩然 Zihan|子涵',
    family:
      'Wang|王 Li|李 Zhang|张 Liu|刘 Chen|陈 Yang|杨 Huang|黄 Zhao|赵 Wu|吴 Zhou|周 Xu|徐 Sun|孙 Ma|马 Zhu|朱 Hu|胡 Guo|郭 He|何 Lin|林 Ouyang|欧阳 Zhuge|诸葛',
  },
  {
    language: 'ar',
    display: 'Arabic',
    weight: 3,
    order: 'given first',
    script: 'ABC',
    female:
      'Fatima|فاطمة Aisha|عائشة Maryam|مريم Zainab|زينب Layla|ليلى Noor|نور Huda|هدى Salma|سلمى Amina|أمينة Rania|رانيا Yasmin|ياسمين Samira|سميرة',
    male: 'Mohammed|محمد Ahmed|أحمد Ali|علي Omar|عمر Hassan|حسن Youssef|يوسف Khaled|خالد Ibrahim|إبراهيم Mahmoud|محمود Tariq|طارق Karim|كريم Bilal|بلال',
    family:
      'Haddad|حداد Khoury|خوري Mansour|منصور Saleh|صالح Nasser|ناصر Abdallah|عبدالله Farah|فرح Hamdan|حمدان Najjar|نجار Qasim|قاسم Masri|المصري Baghdadi|البغدادي',
  },
  {
    language: 'ru',
    display: 'Russian',
    weight: 3,
    order: 'given first',
    script: 'ABC',
    female:
      'Elena|Елена Olga|Ольга Natalya|Наталья Anna|Анна Tatyana|Татьяна Irina|Ирина Maria|Мария Svetlana|Светлана Ekaterina|Екатерина Lyudmila|Людмила Anastasia|Анастасия Yulia|Юлия',
    male: 'Alexander|Александр Sergey|Сергей Dmitry|Дмитрий Andrey|Андрей Alexey|Алексей Ivan|Иван Mikhail|Михаил Vladimir|Владимир Nikolay|Николай Pavel|Павел Artyom|Артём Fyodor|Фёдор',
    family:
      'Ivanov/Ivanova|Иванов/Иванова Smirnov/Smirnova|Смирнов/Смирнова Kuznetsov/Kuznetsova|Кузнецов/Кузнецова Popov/Popova|Попов/Попова Vasiliev/Vasilieva|Васильев/Васильева Petrov/Petrova|Петров/Петрова Sokolov/Sokolova|Соколов/Соколова Mikhailov/Mikhailova|Михайлов/Михайлова Novikov/Novikova|Новиков/Новикова Volkov/Volkova|Волков/Волкова Solovyov/Solovyova|Соловьёв/Соловьёва Zaitsev/Zaitseva|Зайцев/Зайцева',
  },
  {
    language: 'hi',
    display: 'Hindi',
    weight: 3,
    order: 'given first',
    script: 'ABC',
    female:
      'Priya|प्रिया Anjali|अंजलि Sunita|सुनीता Kavita|कविता Pooja|पूजा Neha|नेहा Lakshmi|लक्ष्मी Meena|मीना Rekha|रेखा Aarti|आरती',
    male: 'Rahul|राहुल Amit|अमित Raj|राज Sanjay|संजय Vijay|विजय Arjun|अर्जुन Rohan|रोहन Suresh|सुरेश Anil|अनिल Krishna|कृष्ण',
    family:
      'Sharma|शर्मा Singh|सिंह Kumar|कुमार Gupta|गुप्ता Patel|पटेल Verma|वर्मा Mishra|मिश्रा Yadav|यादव Joshi|जोशी Mehta|मेहता Reddy|रेड्डी Desai|देसाई',
  },
  {
    language: 'ko',
    display: 'Korean',
    weight: 2,
    order: 'family first',
    script: 'SYL',
    female:
      'Seo-yeon|서연 Min-ji|민지 Ji-woo|지우 Soo-jin|수진 Eun-ji|은지 Young-hee|영희 Ha-eun|하은 Yu-na|유나',
    male: 'Min-jun|민준 Ji-hoon|지훈 Hyun-woo|현우 Sung-min|성민 Young-soo|영수 Do-yun|도윤 Jae-hyun|재현 Dong-hyun|동현',
    family: 'Kim|김 Lee|이 Park|박 Choi|최 Jung|정 Kang|강 Cho|조 Yoon|윤 Jang|장 Lim|임 Han|한 Oh|오',
  },
  {
    language: 'ja',
    display: 'Japanese',
    weight: 1,
    order: 'family first',
    script: 'IDE',
    female: 'Sakura|さくら Yui|結衣 Hana|花 Misaki|美咲 Yoko|陽子 Keiko|恵子 Akiko|明子 Haruka|遥',
    male: 'Haruto|陽翔 Hiroshi|浩 Takashi|隆 Kenji|健二 Yuto|悠斗 Satoshi|聡 Makoto|誠 Daiki|大輝',
    family:
      'Sato|佐藤 Suzuki|鈴木 Takahashi|高橋 Tanaka|田中 Ito|伊藤 Watanabe|渡辺 Yamamoto|山本 Nakamura|中村 Kobayashi|小林 Kato|加藤 Saito|齋藤 Yoshida|𠮷田',
  },
  {
    language: 'el',
    display: 'Greek',
    weight: 1,
    order: 'given first',
    script: 'ABC',
    female: 'Maria|Μαρία Eleni|Ελένη Katerina|Κατερίνα Vasiliki|Βασιλική Sofia|Σοφία Anna|Άννα Ioanna|Ιωάννα',
    male: 'Georgios|Γεώργιος Ioannis|Ιωάννης Konstantinos|Κωνσταντίνος Dimitrios|Δημήτριος Nikolaos|Νικόλαος Panagiotis|Παναγιώτης',
    family:
      'Papadopoulos/Papadopoulou|Παπαδόπουλος/Παπαδοπούλου Georgiou|Γεωργίου Nikolaidis/Nikolaidou|Νικολαΐδης/Νικολαΐδου Oikonomou|Οικονόμου Vlachos/Vlachou|Βλάχος/Βλάχου',
  },
  {
    language: 'he',
    display: 'Hebrew',
    weight: 1,
    order: 'given first',
    script: 'ABC',
    female: 'Noa|נועה Tamar|תמר Miriam|מרים Rivka|רבקה Yael|יעל Shira|שירה Hannah|חנה',
    male: 'David|דוד Yosef|יוסף Daniel|דניאל Itai|איתי Moshe|משה Ariel|אריאל Avraham|אברהם',
    family: 'Cohen|כהן Levi|לוי Mizrahi|מזרחי Peretz|פרץ Biton|ביטון Dahan|דהן Friedman|פרידמן Katz|כץ',
  },
]
