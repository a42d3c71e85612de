"""What to know before the first call: `cheatsheet` and `pitfalls`, with their sources.

Texts alone: nothing here reads a frame.

What the tables claim carries its source; what carries none is arithmetic, and the tests compute it.

References
----------
Almeida et al. 2011, Contributions to the study of SMS spam filtering, DocEng (data: UCI).
Androutsopoulos et al. 2000, An evaluation of naive Bayesian anti-spam filtering, ECML workshop.
Barreñada et al. 2024, Understanding overfitting in random forest for probability estimation, Diagn Progn Res.
Batista et al. 2004, A study of the behavior of several methods for balancing training data, SIGKDD Explor.
BCSC 2009, Benchmarks for cancers for screening mammography 2004-2008, Breast Cancer Surveillance Consortium.
Blagus & Lusa 2013, SMOTE for high-dimensional class-imbalanced data, BMC Bioinformatics.
Bosch 2016, Bosch production line performance, Kaggle.
Carriero et al. 2025, The harms of class imbalance corrections for machine learning based prediction models,
    Stat Med.
Cawley & Talbot 2010, On over-fitting in model selection, JMLR.
Charoenphakdee et al. 2021, On focal loss for class-posterior probability estimation, CVPR.
Chawla et al. 2002, SMOTE: synthetic minority over-sampling technique, JAIR.
Chen et al. 2004, Using random forest to learn imbalanced data, Berkeley technical report 666.
Cormack 2007, TREC 2007 spam track overview, TREC.
Dal Pozzolo et al. 2014, Learned lessons in credit card fraud detection, Expert Syst Appl.
Dal Pozzolo et al. 2015, Calibrating probability with undersampling, IEEE SSCI (data: Kaggle, ULB).
Dal Pozzolo et al. 2018, Credit card fraud detection: a realistic modeling, IEEE TNNLS.
Davis & Goadrich 2006, The relationship between precision-recall and ROC curves, ICML.
Elkan 2001, The foundations of cost-sensitive learning, IJCAI.
Elor & Averbuch-Elor 2022, To SMOTE, or not to SMOTE?, arXiv 2201.08528.
Fawcett 2003, "In vivo" spam filtering: a challenge problem for KDD, SIGKDD Explor.
IBM, Telco customer churn, sample data. IEEE-CIS 2019, Fraud detection, Kaggle.
Kaufman et al. 2012, Leakage in data mining: formulation, detection, and avoidance, ACM TKDD.
KDD Cup 2009, Orange small, label churn. King & Zeng 2001, Logistic regression in rare events data, Polit Anal.
Lin et al. 2014, Microsoft COCO, ECCV. Lin et al. 2017, Focal loss for dense object detection, ICCV.
Lipton et al. 2014, Optimal thresholding of classifiers to maximize F1 measure, ECML PKDD.
Liu et al. 2009, Exploratory undersampling for class-imbalance learning, IEEE TSMC-B.
McDermott et al. 2024, A closer look at AUROC and AUPRC under class imbalance, NeurIPS.
Metsis et al. 2006, Spam filtering with naive Bayes: which naive Bayes?, CEAS.
Mukhoti et al. 2020, Calibrating deep neural networks using focal loss, NeurIPS.
Neslin et al. 2006, Defection detection, J Mark Res.
Niculescu-Mizil & Caruana 2005, Predicting good probabilities with supervised learning, ICML.
Ojala & Garriga 2010, Permutation tests for studying classifier performance, JMLR.
Platt 1999, Probabilistic outputs for support vector machines, Advances in large margin classifiers.
Saerens et al. 2002, Adjusting the outputs of a classifier to new a priori probabilities, Neural Comput.
Saito & Rehmsmeier 2015, The precision-recall plot is more informative than the ROC plot, PLoS ONE.
Santos et al. 2018, Cross-validation for imbalanced datasets, IEEE CIM.
scikit-learn user guide, 1.16 Probability calibration, 3.1 Cross-validation; compute_class_weight.
Seiffert et al. 2010, RUSBoost, IEEE TSMC-A.
UCI machine learning repository: APS failure at Scania trucks (1,000 of 60,000), SECOM, Spambase.
van den Goorbergh et al. 2022, The harm of class imbalance corrections for risk prediction models, JAMIA.
van Rijsbergen 1979, Information retrieval, 2nd edition.
Van Calster et al. 2019, Calibration: the Achilles heel of predictive analytics, BMC Med.
Verbeke et al. 2012, New insights into churn prediction in the telecommunication sector, EJOR.
Vickers & Elkin 2006, Decision curve analysis, Med Decis Making.
Wilson 1927, Probable inference, the law of succession, and statistical inference, JASA.
"""
