BeforeDiscovery {
    $noServer = -not $IsLinux -or [Environment]::UserName -ne 'root'
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1

    # Sends a signed request to the server: what the cmdlets have no business with.
    function Send-S3Request {
        param([string] $Method, [string] $Path)
        $uri = [uri]"$endpoint$Path"
        $time = [datetime]::UtcNow.ToString('yyyyMMddTHHmmssZ')
        $scope = "$($time.Substring(0, 8))/us-east-1/s3/aws4_request"
        $none = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
        $hex = { [Convert]::ToHexString($args[0]).ToLowerInvariant() }
        $bytes = { [Text.Encoding]::UTF8.GetBytes($args[0]) }
        $names = 'host;x-amz-content-sha256;x-amz-date'
        $request = "$Method`n$($uri.AbsolutePath)`n`nhost:$($uri.Authority)`nx-amz-content-sha256:$none`nx-amz-date:$time`n`n$names`n$none"
        $text = "AWS4-HMAC-SHA256`n$time`n$scope`n$(& $hex ([Security.Cryptography.SHA256]::HashData((& $bytes $request))))"
        $signing = & $bytes 'AWS4SKTEST'
        foreach ($part in $scope.Split('/')) { $signing = [Security.Cryptography.HMACSHA256]::HashData($signing, (& $bytes $part)) }
        $signature = & $hex ([Security.Cryptography.HMACSHA256]::HashData($signing, (& $bytes $text)))
        $null = Invoke-WebRequest $uri -Method $Method -SkipHeaderValidation -Headers @{
            'x-amz-date' = $time; 'x-amz-content-sha256' = $none
            Authorization = "AWS4-HMAC-SHA256 Credential=AKTEST/$scope, SignedHeaders=$names, Signature=$signature"
        }
    }

    $endpoint = $null
    if ($IsLinux -and [Environment]::UserName -eq 'root') {
        $start = [Diagnostics.ProcessStartInfo]@{ FileName = "$root/tests/interop/s3-server.sh"; RedirectStandardInput = $true; RedirectStandardOutput = $true; RedirectStandardError = $true }
        'run', "$(Get-FreePort 0, 1000)" | ForEach-Object { $start.ArgumentList.Add($_) }
        $server = [Diagnostics.Process]::Start($start)
        $errors = $server.StandardError.ReadToEndAsync()
        $endpoint = $server.StandardOutput.ReadLine()
    }
    if ($endpoint) {
        Send-S3Request PUT /my-cache
        $bucket = "s3://my-cache/some/prefix?endpoint=$endpoint"
        $before = @{}
        foreach ($name in 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY') { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
        $env:AWS_ACCESS_KEY_ID = 'AKTEST'
        $env:AWS_SECRET_ACCESS_KEY = 'SKTEST'
    }
    $store = New-Place
    $app = New-LinkedStore $store
}

AfterAll {
    if ($endpoint) {
        foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
    }
    if ($server) {
        # It runs until its input ends.
        $server.StandardInput.Close()
        $server.WaitForExit()
    }
}

Describe 'A bucket' -Skip:$noServer {
    BeforeEach {
        if (-not $endpoint) { Set-ItResult -Skipped -Because "S3 SERVER MISSING: $($errors.Result)" }
    }

    It 'Takes what is exported' {
        $exported = $app | Export-StorePath -BinaryCache "$bucket&compression=zstd&write-nar-listing=true" -WithClosure -SecretKeyPath $key -PassThru
        $exported.Destination | Select-Object -Unique | Should -Be $bucket
        ($app | Export-StorePath -BinaryCache $bucket -PassThru).WasThere | Should -Be $true
    }

    It 'Lists its paths' {
        $paths = Get-BinaryCachePath $bucket
        $paths.Name | Should -Be 'lib-1.0', 'app-1.0'
        ($paths | Get-BinaryCachePath).Count | Should -Be 2
    }

    It 'Is what stores are filled from' {
        $other = New-Place
        (Import-StorePath -Source $bucket -StorePath $app.Path -Store $other -TrustedPublicKey $public).Path | Should -Be $app.Path
        Test-StorePath $app.Path -Store $other | Should -Be $true
    }

    It 'Is what paths are repaired from' {
        Set-Damage $app.RealPath
        Test-StorePath $app.Path -Store $store | Should -Be $false
        Get-StorePath $app.Path -Store $store -CheckContents | Repair-StorePath -Source $bucket -TrustedPublicKey $public -Confirm:$false
        Test-StorePath $app.Path -Store $store | Should -Be $true
    }

    It 'Is examined' {
        Test-BinaryCache $bucket -CheckContents -TrustedPublicKey $public | Should -BeNullOrEmpty
        Send-S3Request DELETE "/my-cache/some/prefix/$((Get-BinaryCachePath $bucket $app.Path).Url)"
        (Test-BinaryCache $bucket).Kind | Should -Be 'NarMissing'
        $app | Export-StorePath -BinaryCache $bucket -Compression zstd
        Test-BinaryCache $bucket -CheckContents | Should -BeNullOrEmpty
    }

    It 'Must exist, and the keys must be right' {
        { $app | Export-StorePath -BinaryCache "s3://nothing?endpoint=$endpoint" -ErrorAction Stop } |
            Should -Throw -ErrorId 'BucketNotFound,NixStore.PowerShell.Commands.ExportStorePathCommand'
        $env:AWS_SECRET_ACCESS_KEY = 'wrong'
        try {
            { Get-BinaryCachePath $bucket -ErrorAction Stop } |
                Should -Throw -ErrorId 'BinaryCacheCredentialsRefused,NixStore.PowerShell.Commands.GetBinaryCachePathCommand'
        } finally {
            $env:AWS_SECRET_ACCESS_KEY = 'SKTEST'
        }
    }

    It 'Is written by nobody with -WhatIf' {
        Send-S3Request PUT /untouched
        $app | Export-StorePath -BinaryCache "s3://untouched?endpoint=$endpoint" -WhatIf
        { Get-BinaryCachePath "s3://untouched?endpoint=$endpoint" -ErrorAction Stop } |
            Should -Throw -ErrorId 'NotABinaryCache,NixStore.PowerShell.Commands.GetBinaryCachePathCommand'
    }
}
