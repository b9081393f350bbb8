using NixStore.Caches.S3;
using NixStore.Caches.S3.Credentials;

namespace NixStore.Caches.Tests.S3;

/// <summary>The examples of Amazon's own description of the signature.</summary>
public sealed class SignatureV4Tests
{
    private static readonly AwsCredentials s_keys = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

    [Theory]
    [InlineData("?lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void IsThatOfTheExamples(string query, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://examplebucket.s3.amazonaws.com/" + query);
        Sign(request, s_keys);
        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + $"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}",
            request.Headers.Authorization!.ToString());
    }

    [Fact]
    public void CoversWhatChangesTheMeaning()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "https://host/bucket/key") { Content = new StringContent("x") };
        request.Headers.Add("x-amz-storage-class", "STANDARD_IA");
        Sign(request, s_keys with { SessionToken = "token" });
        Assert.Contains("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-storage-class,",
            request.Headers.Authorization!.ToString());
        Assert.DoesNotContain(s_keys.SecretAccessKey, request.ToString() + s_keys);
    }

    private static void Sign(HttpRequestMessage request, AwsCredentials keys)
        => new SignatureV4("us-east-1", "s3", new FixedClock()).Sign(request, keys);

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    }
}
