"""The СПОДЭС objects of a meter, asked for over DLMS/COSEM. Source: ГОСТ Р 58940; СТО 34.01-5.1-006."""
