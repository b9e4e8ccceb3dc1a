// A key and a certificate for tests only: making them takes longer than most tests.
#pragma once

#include <string_view>

namespace aftersync::wire {

inline constexpr std::string_view kTestCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDATCCAemgAwIBAgIUVEu306bCn2VcCgWqaGhMG9lQ2c0wDQYJKoZIhvcNAQEL\n"
    "BQAwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExOTM4MDVaGA8yMTI2MTAyODE5\n"
    "MzgwNVowDzENMAsGA1UEAwwEdGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC\n"
    "AQoCggEBAOElYnXczM41S9HFCa59xePOlEWQDIaXHBukpcZmCwBy2x8+yTRAURcU\n"
    "+38bXfDxY2Ln2pkUJyVgFHL1gx/scdGCuZNSoNMgyT5bLfsKL9t7D8s5cnATAP8x\n"
    "i2IQgexD9sxRg+s4E+F1QpNE8EpDMQrb3dRT62/QQLjCKEfas7cNSj+6WI4HQftV\n"
    "vHlXghuh+NUU5Ch92iAlpBIC/5WEzjp4RInaMzvjqB7bCsH5sZL6iZa5FhhZiGHE\n"
    "wrumhz952SfNiH+y/VYGcVEVwm9CibiwlTnwHFAVieOqfA7BsSueDpbxw1Euws1F\n"
    "dFUF807h4WDKL/zeSSJI7kR9cLEkvqMCAwEAAaNTMFEwHQYDVR0OBBYEFE76ccc/\n"
    "UbeE5whH09HrBsJb/1ZuMB8GA1UdIwQYMBaAFE76ccc/UbeE5whH09HrBsJb/1Zu\n"
    "MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBABtz8uUtWLOTVkfr\n"
    "IIS6zit1wxrGBA8nfyNNSCadzqDmVYoOeVNZi6iQeOvh4qMK0vmLVgYy6gQFVzHb\n"
    "pyr0dd6s1qKJumluDyJM/TNQvMXbf1ABfzSJKrsPWPky53+8gZlXkpf1d1mpa/FN\n"
    "LXn7Di5kdWoMIaXLl5UGizKj2fkU/08yCkiguvY1whNkO7Q+iqj279ZLI6rPxIqC\n"
    "aGWXlQz8J4t2RX7bNMwXCOH0WuJB0aL5Uo9fE1dKHIWMbP0szsRovGRrNjcjbc+W\n"
    "PhVaUJbaFxR0cgdDq+YitAUhQuyhOFJ5h0OCrpzqjN/IaGwey42xRZC+C0wxQi4V\n"
    "wSZZMjQ=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view kTestKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDhJWJ13MzONUvR\n"
    "xQmufcXjzpRFkAyGlxwbpKXGZgsActsfPsk0QFEXFPt/G13w8WNi59qZFCclYBRy\n"
    "9YMf7HHRgrmTUqDTIMk+Wy37Ci/bew/LOXJwEwD/MYtiEIHsQ/bMUYPrOBPhdUKT\n"
    "RPBKQzEK293UU+tv0EC4wihH2rO3DUo/uliOB0H7Vbx5V4IbofjVFOQofdogJaQS\n"
    "Av+VhM46eESJ2jM746ge2wrB+bGS+omWuRYYWYhhxMK7poc/edknzYh/sv1WBnFR\n"
    "FcJvQom4sJU58BxQFYnjqnwOwbErng6W8cNRLsLNRXRVBfNO4eFgyi/83kkiSO5E\n"
    "fXCxJL6jAgMBAAECggEAXqi7Jta4fRJHWGDBW02h/8+A42ZW/ddWiADHegy5H20q\n"
    "144sRf2smknGG4DEFGNI5/KXI7knZD1rG5JBmRBuIioWH+yjlWC5e7AWOu/jgyHQ\n"
    "WB9FD/3Nc32/HnHWTiGdB/ZVwnWHVklYvlZDuNVbLzeVoonN+OrT61omWV+II7N2\n"
    "3WxQWii2qkXKDTRijSvjfQSFJImy0CqXfp2hcsDg2c+0YoHYDXjwtIRE4PeV6FTP\n"
    "5SX4iVJKajxEBNKJZsaRYdNe91YogUtQtsZZ3nfNy2EUX2HZYN99M5O9Nhz1KEoy\n"
    "bUukwrbGoPjEeXXFVIrKC/NA0qsAZ9q/xwEMX8w14QKBgQDwyBTPmi8CNfkGlf5P\n"
    "xYKlvmnp58YxvqEOfYzM74hGqRw8xxCcpCJd+HvZOBiXuKax/nlIeDZcY+ySXz5J\n"
    "Txq87PFLF64b4TNjIx/KNq92WCNRejI125WRocPyHPoSL/rHQmvAPdFA3j4XnvIl\n"
    "SG9ApbOJX33pdNE18Aqo7OOB2wKBgQDvYFDN9eW7VH4izgM4rUj1w0qvi2hzM41l\n"
    "KdRZxyIWO01xHfv6At6JHBZNmqK7kfHzooayAEo7pqvjRiQjUVmEBgtMyQ+RDvYU\n"
    "8UNbPDg1cermbWw+xGSiqQUsOEIxUh99l+srlJYwFWyU7/UB8IUvfLKZjXQduSUS\n"
    "dBEVZKDE2QKBgQCYDhKuY/Up1UHVOeXnJJjz6ILkVx0fjv4Qs5K2XNJXpTYS37eK\n"
    "5FBbva8gpz9ImTCUGVsoO9pAkE32xbUFALKm+o8K2AJ40sfr5GOQBObbup9bNer9\n"
    "fhU/acPfYxM9ZxVcvoJjXeaGq5LUweizSMIRNlNh/m76fm4cPOHOegLWnwKBgQCT\n"
    "Rw0wSzR3V3rr6xisTGFxZCCVdQ5korlCHsRaIFzmlMIG8M3ReuZ0MWW/hX7OLPNS\n"
    "VRLOfcMuhFOJV+RwHmMXCaj2K1Z6h1v8cpxgi+KBb395GqXY0HiiY5+dH1gKhF5/\n"
    "pXK5s4fcObI+yIxUDynCl9RDCXcBuqIGgoboRKttsQKBgB6Gnm+lLnyWRRHNhNvu\n"
    "X/QnkNmGYsSKCIbSUv7qPtxt9ZBl8tj5YLwtvaExDXvEcR8bVu3jOsYgVn7kJ/5s\n"
    "JWy6DC+MbqGAtNBjM4PcveEbYqQIwMYqC1+oCHbyE0EJt8hcquPSKtdGrg6DLt2/\n"
    "gf8e6dTji3Elch6v6+Jx8eeL\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace aftersync::wire
