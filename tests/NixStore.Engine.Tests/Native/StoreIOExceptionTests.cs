using NixStore.Engine.Native;

namespace NixStore.Engine.Tests.Native;

public sealed class StoreIOExceptionTests
{
    [Theory]
    [InlineData(Errno.NoEntry, "PathNotFound", StoreErrorKind.NotFound)]
    [InlineData(Errno.NotDirectory, "PathNotFound", StoreErrorKind.NotFound)]
    [InlineData(Errno.AccessDenied, "AccessDenied", StoreErrorKind.PermissionDenied)]
    [InlineData(Errno.NotPermitted, "AccessDenied", StoreErrorKind.PermissionDenied)]
    [InlineData(Errno.NoSpace, "DiskFull", StoreErrorKind.DiskFull)]
    [InlineData(Errno.Quota, "DiskFull", StoreErrorKind.DiskFull)]
    [InlineData(Errno.ReadOnlyFileSystem, "ReadOnlyFileSystem", StoreErrorKind.PermissionDenied)]
    [InlineData(Errno.Busy, "ResourceBusy", StoreErrorKind.Busy)]
    [InlineData(Errno.Stale, "StaleFileHandle", StoreErrorKind.ReadError)]
    [InlineData(Errno.InputOutput, "InputOutputError", StoreErrorKind.ReadError)]
    public void Each_number_has_an_id_and_a_kind(int number, string id, StoreErrorKind kind)
    {
        var error = new StoreIOException("open", "/nix/store/x", number);

        Assert.Equal((id, kind, "/nix/store/x", number, "open"), (error.ErrorId, error.Kind, error.Target, error.ErrorNumber, error.Operation));
        Assert.StartsWith("Cannot open '/nix/store/x': ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_fails_while_writing_is_a_write_error()
        => Assert.Equal(StoreErrorKind.WriteError, new StoreIOException("write", "/x", Errno.InputOutput).Kind);
}
